import type { ModelDefinition } from '../model-definition.ts';
import type { ColumnReport } from './column-checks.ts';

/** What columns, duplicates and labels say about a dataset: `problems` refuse it, `findings` are for people to know. */
export interface Judgement {
  readonly problems: readonly string[];
  readonly findings: readonly string[];
}

/** More duplicates than this are worth a sentence. */
const NOTED_DUPLICATES = 0.01;
/** A category whose values are this distinct is an id. */
const LOOKS_LIKE_AN_ID = 0.9;
/** A feature that alone comes this near to the limit is worth a sentence. */
const NOTED_LEAKAGE = 0.95;

export function judgeColumns(
  { data: { checks }, problem }: ModelDefinition,
  rows: number,
  columns: readonly ColumnReport[],
  duplicates: number,
): Judgement {
  const problems: string[] = [];
  const findings: string[] = [];
  for (const column of columns) {
    const { name, missing, distinct, type } = column;
    const fraction = missing / rows;
    if (fraction > checks.maxMissingFraction) {
      problems.push(
        `${name} is missing in ${percent(fraction)} of rows; at most ${percent(checks.maxMissingFraction)} are allowed (data.checks.maxMissingFraction)`,
      );
    } else if (missing > 0) findings.push(`${name} is missing in ${missing} of ${rows} rows (${percent(fraction)}).`);
    if (distinct === 1) findings.push(`${name} has the same value in every row: it can tell nothing.`);
    if (type === 'categorical' && rows >= 100 && distinct > rows * LOOKS_LIKE_AN_ID)
      findings.push(
        `${name} has ${distinct} values in ${rows} rows: it looks like an id, and will be new in every request.`,
      );
    judgeLeakage(column, problem, checks.maxLeakage, problems, findings);
  }
  if (columns.length > 0 && columns.every(({ distinct }) => distinct <= 1))
    problems.push('every feature has the same value in every row: nothing can be learned');
  judgeDuplicates(duplicates / rows, duplicates, checks.maxDuplicateFraction, problems, findings);
  return { problems, findings };
}

function judgeLeakage(
  { name, leakage = 0 }: ColumnReport,
  { type, target }: ModelDefinition['problem'],
  limit: number,
  problems: string[],
  findings: string[],
): void {
  const measure = type === 'regression' ? 'a correlation' : 'an AUC';
  if (leakage > limit) {
    problems.push(
      `${name} alone tells ${target} with ${measure} of ${leakage.toFixed(4)}, above ${limit} (data.checks.maxLeakage): it probably holds the answer`,
    );
  } else if (leakage > NOTED_LEAKAGE)
    findings.push(
      `${name} alone tells ${target} with ${measure} of ${leakage.toFixed(4)}: is it known before the answer is?`,
    );
}

function judgeDuplicates(fraction: number, rows: number, limit: number, problems: string[], findings: string[]): void {
  const what = `${rows} rows (${percent(fraction)}) equal an earlier one in everything but their id`;
  if (fraction > limit)
    problems.push(`${what}; at most ${percent(limit)} are allowed (data.checks.maxDuplicateFraction)`);
  else if (fraction > NOTED_DUPLICATES) findings.push(`${what}.`);
}

/** Whether there are rows enough of every class; `classes` counts rows by label. */
export function judgeClasses(
  { problem, data: { checks } }: ModelDefinition,
  classes: ReadonlyMap<string, number>,
  shown: (label: string) => string,
): string[] {
  const { type, target, positiveClass = '' } = problem;
  if (type === 'regression' || classes.size === 0) return [];
  const seen = [...classes.keys()]
    .slice(0, 20)
    .map((label) => `"${shown(label)}"`)
    .join(', ');
  if (problem.classes) {
    const unknown = [...classes.keys()].filter((label) => !problem.classes!.includes(label));
    if (unknown.length > 0)
      return [
        `expected ${target} to be one of problem.classes (${problem.classes.join(', ')}), got "${shown(unknown[0]!)}"`,
      ];
    const absent = problem.classes.filter((label) => !classes.has(label));
    if (absent.length > 0) return [`no row has target ${target} = "${absent[0]}"; seen: ${seen}`];
  } else if (!classes.has(positiveClass)) {
    return [`no row has target ${target} = "${positiveClass}", the positive class; seen: ${seen}`];
  } else if (classes.size === 1) return [`every row has target ${target} = "${positiveClass}"; two classes are needed`];
  else if (classes.size > 2) return [`expected two classes in ${target}, got ${classes.size} or more: ${seen}`];
  return [...classes].flatMap(([label, rows]) =>
    rows < checks.minClassRows
      ? [
          `only ${rows} rows have target ${target} = "${shown(label)}"; at least ${checks.minClassRows} are needed (data.checks.minClassRows)`,
        ]
      : [],
  );
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(fraction < 0.001 && fraction > 0 ? 3 : 1)} %`;
