import type { Problem } from '../../domain/model-definition.ts';
import { UsageError } from '../output.ts';
import { type Column, isNumeric } from './read-columns.ts';

export const PROBLEMS = ['binary', 'multiclass', 'regression'] as const;
export type ProblemWish = (typeof PROBLEMS)[number];

interface Wishes {
  readonly problem?: ProblemWish;
  readonly positiveClass?: string;
}

/** Of a problem with many classes, as model.yaml takes it. */
const MOST_CLASSES = 50;
/** Whole numbers with more different values than this are amounts, not classes. */
const MOST_NUMBERED_CLASSES = 10;

type DraftedProblem = Pick<Problem, 'type' | 'target' | 'positiveClass' | 'classes'>;

/**
 * What kind of answer a column holds: two classes, several, or a number.
 *
 * @throws {UsageError} rows without an answer, one answer only, or texts that are too many for classes
 */
export function draftProblem(column: Column, { problem, positiveClass }: Wishes): DraftedProblem {
  const { name: target, values, rows, filled } = column;
  if (filled < rows)
    throw new UsageError(`expected an answer in every row, got ${rows - filled} of ${rows} rows without ${target}`);
  const labels = [...values].toSorted(([, a], [, b]) => a - b).map(([label]) => label);
  if (labels.length < 2) throw new UsageError(`expected two answers in ${target}, got 1: nothing can be learned`);
  const kind = problem ?? kindOf(column);
  if (positiveClass !== undefined && kind !== 'binary')
    throw new UsageError(`expected --positive for an answer of two classes only, got ${labels.length} in ${target}`);
  if (kind === 'binary')
    return { type: 'binary-classification', target, positiveClass: positive(labels, target, positiveClass) };
  if (kind === 'regression') {
    if (!isNumeric(column)) throw new UsageError(`expected numbers in ${target} for a regression, got texts`);
    return { type: 'regression', target };
  }
  if (labels.length < 3 || labels.length > MOST_CLASSES)
    throw new UsageError(`expected 3 to ${MOST_CLASSES} classes in ${target}, got ${labels.length}`);
  return { type: 'multiclass-classification', target, classes: labels.toSorted() };
}

function kindOf(column: Column): ProblemWish {
  const { values } = column;
  if (values.size === 2) return 'binary';
  const isWhole = [...values.keys()].every((value) => Number.isInteger(Number(value)));
  return isNumeric(column) && (!isWhole || values.size > MOST_NUMBERED_CLASSES) ? 'regression' : 'multiclass';
}

/** The rarer answer, unless it is said. */
function positive([rarer = '', ...others]: readonly string[], target: string, wish: string | undefined): string {
  const labels = [rarer, ...others];
  if (labels.length !== 2) throw new UsageError(`expected two answers in ${target}, got ${labels.length}`);
  if (wish !== undefined && !labels.includes(wish))
    throw new UsageError(`expected --positive to be ${labels.join(' or ')}, got ${wish}`);
  return wish ?? rarer;
}
