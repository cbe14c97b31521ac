import { LabelsRefusedError } from '../errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { Table } from '../tabular/table.ts';
import { parseTimestamp } from '../tabular/timestamp.ts';
import { labelColumns } from './label-columns.ts';
import { fractionOf, labelKey } from './label-key.ts';
import { type Label, type LabelSet, LabelSetBuilder } from './label-set.ts';
import type { TruthReader } from './truth-reader.ts';

/** Labels of one file at most; more are uploaded in several. */
export const MOST_LABELS = 1_000_000;
/** Sentences about what could not be used; the rest is counted. */
const MOST_PROBLEMS = 20;

/** What a file of outcomes held. Whatever is not a label is counted by its reason. */
export interface LabelTally {
  readonly rows: number;
  /** Rows that name a prediction and an outcome. */
  readonly labels: number;
  /** Of these, the same outcome of the same prediction once more. */
  readonly repeated: number;
  /** Of these, another outcome of a prediction that an earlier row has: the later one counts. */
  readonly corrected: number;
  readonly withoutId: number;
  /** Rows whose outcome is empty: not known yet. */
  readonly withoutLabel: number;
  /** Rows whose outcome is none that the model's target can have. */
  readonly wrongType: number;
  /** Rows whose `row` or time is none, and lines that are no record. */
  readonly unreadable: number;
  /** Columns that are not read. */
  readonly ignoredColumns: readonly string[];
  /** The first of what could not be used, in sentences. */
  readonly problems: readonly string[];
}

/** One row of such a file, as text; absent and empty are the same. */
export interface LabelFields {
  readonly id?: string | undefined;
  readonly eventId?: string | undefined;
  readonly label?: string | undefined;
  readonly row?: string | undefined;
  readonly labelledAt?: string | undefined;
  readonly attributes: readonly string[];
  /** `line 12`, `row 12` */
  readonly where: string;
}

type Counted = 'repeated' | 'corrected' | LeftOut['reason'];

interface LeftOut {
  readonly reason: 'withoutId' | 'withoutLabel' | 'wrongType' | 'unreadable';
  readonly problem?: string;
}

/** Collects the labels of one file, and counts what is none. */
export class LabelReader {
  readonly #readTruth: TruthReader;
  readonly #uploadedAt: number;
  readonly #set: LabelSetBuilder;
  readonly #seen = new Map<number, number>();
  readonly #counts: Record<Counted, number> = {
    repeated: 0,
    corrected: 0,
    withoutId: 0,
    withoutLabel: 0,
    wrongType: 0,
    unreadable: 0,
  };
  readonly #problems: string[] = [];
  #rows = 0;

  constructor(readTruth: TruthReader, uploadedAt: Date, attributes: readonly string[]) {
    this.#readTruth = readTruth;
    this.#uploadedAt = uploadedAt.getTime();
    this.#set = new LabelSetBuilder(this.#uploadedAt, attributes);
  }

  /** @throws {LabelsRefusedError} more labels than one file may have */
  add(fields: LabelFields): void {
    this.#rows += 1;
    const label = this.#read(fields);
    if ('reason' in label) {
      this.#leaveOut(label.reason, label.problem);
      return;
    }
    this.#countRepeats(label);
    this.#set.add(label);
    if (this.#set.size > MOST_LABELS)
      throw new LabelsRefusedError(`expected at most ${MOST_LABELS} labels in a file, got more; upload it in parts`);
  }

  #read({
    id = '',
    eventId = '',
    label = '',
    row = '',
    labelledAt = '',
    attributes,
    where,
  }: LabelFields): Label | LeftOut {
    const name = id !== '' ? id : eventId;
    if (name === '') return { reason: 'withoutId', problem: `${where}: names no prediction` };
    if (label === '') return { reason: 'withoutLabel' };
    const truth = this.#readTruth(label);
    if (truth === undefined)
      return { reason: 'wrongType', problem: `${where}: "${shown(label)}" is no outcome of this model` };
    const index = row === '' ? 0 : Number(row);
    if (!Number.isInteger(index) || index < 0 || index > MOST_LABELS)
      return { reason: 'unreadable', problem: `${where}: expected row to be a number from 0, got "${shown(row)}"` };
    const at = labelledAt === '' ? this.#uploadedAt : parseTimestamp(labelledAt);
    if (at === undefined)
      return { reason: 'unreadable', problem: `${where}: expected a time in ISO 8601, got "${shown(labelledAt)}"` };
    return {
      inferenceKey: id === '' ? Number.NaN : labelKey('inference', id, index),
      // An id that nobody gave SageMaker may be the one that it made itself.
      eventKey: labelKey('event', name, index),
      fraction: fractionOf(name),
      truth,
      labelledAt: at,
      attributes,
    };
  }

  /** A line or row that is no record at all. */
  skip(problem: string): void {
    this.#rows += 1;
    this.#leaveOut('unreadable', problem);
  }

  finish(ignoredColumns: readonly string[] = []): { readonly labels: LabelSet; readonly tally: LabelTally } {
    const labels = this.#set.finish();
    const tally = { rows: this.#rows, labels: this.#set.size, ...this.#counts };
    return { labels, tally: { ...tally, ignoredColumns, problems: this.#problems } };
  }

  #countRepeats({ inferenceKey, eventKey, truth }: Label): void {
    const key = Number.isNaN(inferenceKey) ? eventKey : inferenceKey;
    const before = this.#seen.get(key);
    if (before !== undefined) this.#counts[before === truth ? 'repeated' : 'corrected'] += 1;
    this.#seen.set(key, truth);
  }

  #leaveOut(reason: Counted, problem?: string): void {
    this.#counts[reason] += 1;
    if (problem !== undefined && this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }
}

/**
 * Reads outcomes from a table.
 *
 * @throws {LabelsRefusedError} no header, or one without the columns that are needed; {DatasetRefusedError} no such table
 */
export async function readLabelTable(
  table: Table,
  definition: Pick<ModelDefinition, 'columns' | 'problem'>,
  reader: LabelReader,
): Promise<readonly string[]> {
  let columns: Exclude<ReturnType<typeof labelColumns>, { why: string }> | undefined;
  let width = 0;
  let row = 0;
  for await (const batch of table) {
    for (const { fields, line } of batch) {
      if (!columns) {
        const found = labelColumns(fields, definition);
        if ('why' in found) throw new LabelsRefusedError(found.why);
        columns = found;
        width = fields.length;
        continue;
      }
      row += 1;
      const where = line === undefined ? `row ${row}` : `line ${line}`;
      if (fields.length !== width) {
        reader.skip(`${where}: expected ${width} fields, got ${fields.length}`);
        continue;
      }
      const at = (i: number | undefined): string | undefined => (i === undefined ? undefined : fields[i]);
      const { id, eventId, label, row: index, labelledAt, attributes } = columns;
      reader.add({
        ...{ id: at(id), eventId: at(eventId), label: at(label), row: at(index), labelledAt: at(labelledAt) },
        attributes: attributes.map((i) => at(i) ?? ''),
        where,
      });
    }
  }
  if (!columns) throw new LabelsRefusedError('expected a header and rows, got an empty file');
  return columns.ignored;
}

const shown = (text: string): string => text.replace(/\p{C}/gu, '�').slice(0, 40);
