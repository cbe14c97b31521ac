/** How large a dataset may be. Measured by `npm run bench -- datasets`; see docs/decisions/0021. */
export interface SizeLimits {
  /** Of all files together, as uploaded; for what is written of them as text, too. */
  readonly bytes: number;
  /** To train on, or to split. */
  readonly rows: number;
}

const GB = 1_000_000_000;

/** A split by time or id holds every row's digests, and its time, in memory. */
const SPLIT: SizeLimits = { bytes: 2 * GB, rows: 10_000_000 };

/** With a test file of their own, rows pass through; those of the test file are held, under the other limit. */
const FILE: SizeLimits = { bytes: 5 * GB, rows: 30_000_000 };

export const sizeLimits = (split: 'time' | 'id-hash' | 'file'): SizeLimits => (split === 'file' ? FILE : SPLIT);

/** No function takes more, however rows are held out. */
export const MAX_DATASET_BYTES: number = FILE.bytes;

/** Rows whose ids and contents are held against each other; of further ones a finding says that they were not. */
export const MAX_COMPARED_ROWS: number = SPLIT.rows;

/** `2 GB`, `0.5 GB` */
export const showBytes = (bytes: number): string => `${Number((bytes / GB).toFixed(2))} GB`;

/** The way on for who is above the limits of a split. */
export const OWN_TEST_FILE = `hold out a file of your own (data.test.split: file), which allows ${showBytes(FILE.bytes)} and ${FILE.rows} rows, or train on a sample`;
