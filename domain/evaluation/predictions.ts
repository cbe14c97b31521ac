import { HoldOutLabelError, HoldOutOneClassError, PredictionCountError, PredictionNotANumberError } from '../errors.ts';
import type { Problem } from '../model-definition.ts';
import { multiclassSampleOf, type Sample, sampleOf } from './sample.ts';

/** The hold-out's answers, row by row. */
export interface HoldOutLabels {
  readonly rowIds: readonly string[];
  /** 1 or 0 for binary classification, the class's number for multiclass, the value for regression. */
  readonly truth: Float64Array;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads labels.csv as it was prepared.
 *
 * @param records of the file, header first: `row_id,target,<attributes…>`
 * @throws {HoldOutOneClassError} one class only
 * @throws {HoldOutLabelError} a class that the definition does not name, or a target that is no number
 */
export function readLabels(records: readonly (readonly string[])[], problem: Problem): HoldOutLabels {
  const [header = [], ...rows] = records;
  const truth = Float64Array.from(rows, ([, target = ''], row) => readTarget(target, row, problem));
  if (problem.type !== 'regression' && new Set(truth).size < 2) {
    throw new HoldOutOneClassError(
      `expected two classes or more in the hold-out, got ${rows.length} rows, all with ${problem.target} = "${rows[0]?.[1]?.slice(0, 40) ?? ''}"`,
      { rows: rows.length },
    );
  }
  const attributes = header.slice(2).map((name, i) => [name, rows.map((row) => row[i + 2] ?? '')] as const);
  return { rowIds: rows.map(([id = '']) => id), truth, attributes: new Map(attributes) };
}

function readTarget(target: string, row: number, { type, classes, positiveClass }: Problem): number {
  if (type === 'binary-classification') return Number(target === positiveClass);
  const value = classes ? classes.indexOf(target) : target.trim() === '' ? Number.NaN : Number(target);
  if (classes ? value >= 0 : Number.isFinite(value)) return value;
  throw new HoldOutLabelError(
    `expected ${classes ? 'one of problem.classes' : 'a number'} as the answer, got "${target.slice(0, 40)}" at row ${row + 1} of the hold-out`,
  );
}

/**
 * Joins a transform job's output with the labels, by position.
 *
 * @param lines of `features.csv.out`
 * @param scoreColumn of the score; multiclass: of the first class's probability, the others follow
 * @throws {PredictionCountError} not one line per row
 * @throws {PredictionNotANumberError} no such column, not a finite number
 */
export function readScores(
  lines: readonly string[],
  scoreColumn: number,
  labels: Pick<HoldOutLabels, 'truth'>,
  whose: string,
  { classes }: Pick<Problem, 'classes'> = {},
): Sample {
  if (lines.length !== labels.truth.length) {
    throw new PredictionCountError(
      `expected one prediction of the ${whose} per row (${labels.truth.length}), got ${lines.length} lines`,
      { rows: labels.truth.length, lines: lines.length },
    );
  }
  const column = (number: number) => Float64Array.from(lines, (line, row) => readScore(line, row, number, whose));
  if (!classes) return sampleOf(labels.truth, column(scoreColumn));
  return multiclassSampleOf(
    labels.truth,
    classes.map((_, k) => column(scoreColumn + k)),
  );
}

function readScore(line: string, row: number, column: number, whose: string): number {
  const text = line.split(',')[column]?.trim();
  const score = text === undefined || text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(score)) return score;
  const got = text === undefined ? `${line.split(',').length} columns` : `"${text.slice(0, 40)}"`;
  throw new PredictionNotANumberError(
    `expected a finite number in column ${column} of the ${whose}'s predictions, got ${got} at row ${row + 1}`,
  );
}
