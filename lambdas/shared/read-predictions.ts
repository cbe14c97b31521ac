import { NotFoundError, PredictionsUnreadableError } from '../../domain/errors.ts';
import { type HoldOutLabels, readLabels } from '../../domain/evaluation/predictions.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { Problem } from '../../domain/model-definition.ts';
import { isNotUtf8 } from '../../domain/not-utf8.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { parseS3Uri } from '../../domain/s3-uri.ts';
import type { PreparedData } from '../../domain/step-results.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';

const MAX_PREDICTIONS_BYTES = 200 * 1024 * 1024;

/** The hold-out's answers, as they were prepared. */
export async function labelsOf(objects: ObjectStore, prepared: PreparedData, problem: Problem): Promise<HoldOutLabels> {
  const records: (readonly string[])[] = [];
  const labels = await objects.read(parseS3Uri(`${prepared.uri}/holdout/labels.csv`));
  for await (const batch of csvRecords(labels)) records.push(...batch.map(({ fields }) => fields));
  return readLabels(records, problem);
}

/** Batch transform names its output after its input. */
export const predictionsIn = (folder: string): string => `${folder.replace(/\/$/, '')}/features.csv.out`;

/**
 * A transform job's output, line by line.
 *
 * @throws {PredictionsUnreadableError} none, too large, or not text
 */
export async function linesOf(objects: ObjectStore, folder: string): Promise<string[]> {
  const object: ObjectRef = parseS3Uri(predictionsIn(folder));
  try {
    const text = await objects.readText(object, MAX_PREDICTIONS_BYTES);
    const lines = text.split(/\r?\n/);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof RangeError || isNotUtf8(error)) {
      throw new PredictionsUnreadableError(
        `expected predictions at ${object.key}, got: ${(error as Error).message}`,
        {},
        { cause: error },
      );
    }
    throw error;
  }
}
