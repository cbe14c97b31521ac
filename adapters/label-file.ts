import { DatasetRefusedError, LabelsRefusedError, NotFoundError } from '../domain/errors.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';
import type { ObjectStore } from '../domain/ports.ts';
import { readGroundTruth } from '../domain/quality/ground-truth.ts';
import { LabelReader, type LabelTally, readLabelTable } from '../domain/quality/label-reader.ts';
import type { LabelSet } from '../domain/quality/label-set.ts';
import type { LabelFileRow } from '../domain/quality/rows.ts';
import type { TruthReader } from '../domain/quality/truth-reader.ts';
import { csvRecords } from '../domain/tabular/csv-records.ts';
import { openParquet } from './parquet-table.ts';
import { withScratchFolder } from './scratch-folder.ts';

/** A file of outcomes at most, as it was uploaded. */
const MAX_BYTES = 256 * 1024 * 1024;

export type ReadLabels =
  | { readonly labels: LabelSet; readonly tally: LabelTally }
  /** Why nothing of it can be used. */
  | { readonly refused: string };

/** Reads an uploaded file of outcomes: CSV, Parquet or JSON Lines, by the end of its name. */
export async function readLabelFile(
  objects: ObjectStore,
  file: LabelFileRow,
  definition: ModelDefinition,
  readTruth: TruthReader,
): Promise<ReadLabels> {
  const reader = new LabelReader(readTruth, new Date(file.uploadedAt), definition.columns.attributes);
  try {
    const head = await objects.head(file.object);
    if (head && head.bytes > MAX_BYTES)
      return { refused: `expected a file of at most ${MAX_BYTES} bytes, got ${head.bytes}; upload it in parts` };
    return reader.finish(await read(objects, file, definition, reader));
  } catch (error) {
    if (error instanceof NotFoundError) return { refused: 'it was deleted before it was read' };
    if (error instanceof LabelsRefusedError || error instanceof DatasetRefusedError) return { refused: error.message };
    throw error;
  }
}

/** @returns names of columns that are not read */
async function read(
  objects: ObjectStore,
  { object }: LabelFileRow,
  definition: ModelDefinition,
  reader: LabelReader,
): Promise<readonly string[]> {
  if (/\.jsonl$/i.test(object.key)) {
    await readGroundTruth(await objects.read(object), definition, reader);
    return [];
  }
  if (/\.csv$/i.test(object.key)) return readLabelTable(csvRecords(await objects.read(object)), definition, reader);
  return withScratchFolder(async (scratch) => {
    const { path } = await scratch.keep('labels.parquet', await objects.read(object), MAX_BYTES);
    return readLabelTable((await openParquet(path)).table(), definition, reader);
  });
}
