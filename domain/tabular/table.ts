/** One record of a table; the first is its header. */
export interface TableRecord {
  readonly fields: readonly string[];
  /** Line of the file where the record starts, from 1; text files only. */
  readonly line?: number;
  /** The part it is in, where a table has several. */
  readonly file?: string;
}

/** Records in order, in batches, so that memory stays at one batch. An empty field is a missing value. */
export type Table = AsyncIterable<readonly TableRecord[]>;
