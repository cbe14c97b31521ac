import { csvRows } from '../capture/csv-rows.ts';
import { linesOf } from '../capture/lines.ts';
import { BadPayloadError } from '../capture/payload-errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { Readable } from '../stream.ts';
import { labelColumns } from './label-columns.ts';
import type { LabelFields, LabelReader } from './label-reader.ts';

/** One record names one prediction; a megabyte is more than any has. */
const MAX_LINE_BYTES = 1024 * 1024;

interface GroundTruth {
  readonly groundTruthData?: { readonly data?: unknown; readonly encoding?: unknown };
  readonly eventMetadata?: { readonly eventId?: unknown };
}

/**
 * Reads outcomes from JSON Lines: SageMaker's ground truth, `{groundTruthData:{data,encoding:"CSV"},eventMetadata:{eventId}}`, whose
 * data has a line per row of the request; or objects whose members are named as the columns of a table are.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
 */
export async function readGroundTruth(
  bytes: Readable,
  definition: Pick<ModelDefinition, 'columns' | 'problem'>,
  reader: LabelReader,
): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(bytes, MAX_LINE_BYTES)) {
    for (const { text } of lines) {
      line += 1;
      if (text?.trim() === '') continue;
      const where = `line ${line}`;
      const fields = text === undefined ? `${where}: longer than a megabyte` : fieldsIn(text, definition, where);
      if (typeof fields === 'string') reader.skip(fields);
      else for (const one of fields) reader.add(one);
    }
  }
}

/** @returns why it is no record, where it is none */
function fieldsIn(
  text: string,
  definition: Pick<ModelDefinition, 'columns' | 'problem'>,
  where: string,
): LabelFields[] | string {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Counted and shown by the caller: it is data from outside.
    return `${where}: no JSON`;
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return `${where}: no record`;
  return 'groundTruthData' in record ? groundTruth(record as GroundTruth, where) : [byName(record, definition, where)];
}

function groundTruth({ groundTruthData, eventMetadata }: GroundTruth, where: string): LabelFields[] | string {
  const { data, encoding } = groundTruthData ?? {};
  const id = eventMetadata?.eventId;
  if (typeof data !== 'string' || encoding !== 'CSV') return `${where}: expected data in the encoding CSV`;
  try {
    return csvRows(data).map((row, i) => ({
      id: typeof id === 'string' ? id : '',
      label: row[0]?.trim(),
      row: String(i),
      attributes: [],
      where,
    }));
  } catch (error) {
    if (error instanceof BadPayloadError) return `${where}: ${error.message}`;
    throw error;
  }
}

function byName(record: object, definition: Pick<ModelDefinition, 'columns' | 'problem'>, where: string): LabelFields {
  const entries = Object.entries(record);
  const columns = labelColumns(
    entries.map(([name]) => name),
    definition,
  );
  if ('why' in columns) return { attributes: [], where };
  const at = (i: number | undefined): string | undefined => textOf(i === undefined ? undefined : entries[i]?.[1]);
  const { id, eventId, label, row, labelledAt, attributes } = columns;
  return {
    ...{ id: at(id), eventId: at(eventId), label: at(label), row: at(row), labelledAt: at(labelledAt) },
    attributes: attributes.map((i) => at(i) ?? ''),
    where,
  };
}

const textOf = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : typeof value === 'object' ? JSON.stringify(value) : String(value);
