import type { ModelDefinition } from '../model-definition.ts';

/** What the columns of a file of outcomes are for. Undefined: there is no such column. */
export interface LabelColumns {
  /** The caller's id. */
  readonly id: number | undefined;
  /** SageMaker's id. */
  readonly eventId: number | undefined;
  readonly label: number;
  /** Row of the request, from 0. */
  readonly row: number | undefined;
  readonly labelledAt: number | undefined;
  /** In the order of the definition's attributes. */
  readonly attributes: readonly (number | undefined)[];
  /** Names of columns that are not read. */
  readonly ignored: readonly string[];
}

const ID = ['id', 'inferenceId', 'inference_id'];
const EVENT = ['eventId', 'event_id'];
const LABEL = ['label', 'groundTruth', 'ground_truth'];
const ROW = ['row'];
const TIME = ['labelledAt', 'labelled_at', 'labeledAt', 'labeled_at'];

/**
 * Finds the columns of a file of outcomes by their names: those of model.yaml, or the usual ones.
 *
 * @returns why it cannot be read, where a column is missing or there twice
 */
export function labelColumns(
  header: readonly string[],
  { columns, problem }: Pick<ModelDefinition, 'columns' | 'problem'>,
): LabelColumns | { readonly why: string } {
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) return { why: `expected every column once, got "${twice.slice(0, 60)}" twice` };
  const find = (names: readonly string[]): number | undefined => {
    const name = names.find((one) => header.includes(one));
    return name === undefined ? undefined : header.indexOf(name);
  };
  const id = find([columns.id, ...ID]);
  const eventId = find(EVENT);
  const label = find([problem.target, ...LABEL]);
  const got = `got ${header.slice(0, 10).join(', ').slice(0, 200)}`;
  if (id === undefined && eventId === undefined)
    return { why: `expected a column ${columns.id} (or id, or eventId) that names the prediction, ${got}` };
  if (label === undefined) return { why: `expected a column ${problem.target} (or label) with the outcome, ${got}` };
  const attributes = columns.attributes.map((name) => find([name]));
  const [row, labelledAt] = [find(ROW), find(TIME)];
  const read = new Set([id, eventId, label, row, labelledAt, ...attributes]);
  return { id, eventId, label, row, labelledAt, attributes, ignored: header.filter((_, i) => !read.has(i)) };
}
