import type { ModelDefinition } from '../model-definition.ts';
import type { ColumnReport } from './column-checks.ts';
import { MISSING_MARKS } from './odd-categories.ts';
import { shownCell } from './problems.ts';

/** What columns, duplicates and labels say about a dataset: `problems` refuse it, `findings` are for people to know. */
export interface Judgement {
  readonly problems: readonly { readonly what: string; readonly column?: string }[];
  readonly findings: readonly string[];
}

/** More duplicates than this are worth a sentence. */
const NOTED_DUPLICATES = 0.01;
/** A category whose values are this distinct is an id. */
const LOOKS_LIKE_AN_ID = 0.9;
/** A feature that alone comes this near to the limit is worth a sentence. */
const NOTED_LEAKAGE = 0.95;
/** A class with a smaller share is worth a sentence. */
const NOTED_SHARE = 0.01;

export function judgeColumns(
  definition: ModelDefinition,
  rows: number,
  columns: readonly ColumnReport[],
  duplicates: number,
): Judgement {
  const all = [
    judgeMissing(
      definition,
      rows,
      columns.map(({ missing }) => missing),
    ),
    ...columns.map((column) => judgeValues(column, rows)),
    ...columns.map((column) => judgeLeakage(column, definition)),
    judgeDuplicates(duplicates, rows, definition.data.checks.maxDuplicateFraction),
  ];
  const nothingVaries = columns.length > 0 && columns.every(({ distinct }) => distinct <= 1);
  return {
    problems: [
      ...all.flatMap(({ problems }) => problems),
      ...(nothingVaries ? [{ what: 'every feature has the same value in every row: nothing can be learned' }] : []),
    ],
    findings: all.flatMap(({ findings }) => findings),
  };
}

/** @param missing rows without a value, per feature */
export function judgeMissing(
  { data: { checks }, features }: ModelDefinition,
  rows: number,
  missing: readonly number[],
): Judgement {
  const shares = features.map(({ name }, i) => ({
    name,
    missing: missing[i]!,
    fraction: missing[i]! / Math.max(rows, 1),
  }));
  const limit = percent(checks.maxMissingFraction);
  return {
    problems: shares
      .filter(({ fraction }) => fraction > checks.maxMissingFraction)
      .map(({ name, fraction }) => ({
        column: name,
        what: `${name} is missing in ${percent(fraction)} of rows; at most ${limit} are allowed (data.checks.maxMissingFraction)`,
      })),
    findings: shares
      .filter((share) => share.missing > 0 && share.fraction <= checks.maxMissingFraction)
      .map((share) => `${share.name} is missing in ${share.missing} of ${rows} rows (${percent(share.fraction)}).`),
  };
}

function judgeValues(
  { name, type, distinct, missingMarks = [], oddValue, alike }: ColumnReport,
  rows: number,
): Judgement {
  const findings: string[] = [];
  if (distinct === 1) findings.push(`${name} has the same value in every row: it can tell nothing.`);
  if (type === 'categorical' && rows >= 100 && distinct > rows * LOOKS_LIKE_AN_ID)
    findings.push(
      `${name} has ${distinct} values in ${rows} rows: it looks like an id, and will be new in every request.`,
    );
  if (oddValue !== undefined)
    findings.push(
      `${name} holds ${shownCell(oddValue)}: characters that nobody sees, or that were lost in another encoding.`,
    );
  if (alike)
    findings.push(`${name} holds ${alike.map(shownCell).join(' and ')}: are they one category, written in two ways?`);
  if (missingMarks.length > 0)
    findings.push(
      `${name} holds ${missingMarks.map(shownCell).join(', ')} as a category: where that means missing, leave the field empty.`,
    );
  return { problems: [], findings };
}

function judgeLeakage(
  { name, leakage = 0 }: ColumnReport,
  { problem: { type, target }, data }: ModelDefinition,
): Judgement {
  const measure = `${name} alone tells ${target} with ${type === 'regression' ? 'a correlation' : 'an AUC'} of ${leakage.toFixed(4)}`;
  const limit = data.checks.maxLeakage;
  if (leakage > limit) {
    const what = `${measure}, above ${limit} (data.checks.maxLeakage): it probably holds the answer`;
    return { problems: [{ what, column: name }], findings: [] };
  }
  const isNoted = leakage > NOTED_LEAKAGE;
  return { problems: [], findings: isNoted ? [`${measure}: is it known before the answer is?`] : [] };
}

function judgeDuplicates(duplicates: number, rows: number, limit: number): Judgement {
  const fraction = duplicates / rows;
  const what = `${duplicates} rows (${percent(fraction)}) equal an earlier one in everything but their id`;
  if (fraction <= limit) return { problems: [], findings: fraction > NOTED_DUPLICATES ? [`${what}.`] : [] };
  return {
    problems: [{ what: `${what}; at most ${percent(limit)} are allowed (data.checks.maxDuplicateFraction)` }],
    findings: [],
  };
}

/** Whether there are rows enough of every class; `classes` counts rows by label. */
export function judgeClasses(definition: ModelDefinition, classes: ReadonlyMap<string, number>): Judgement {
  const { problem, data } = definition;
  if (problem.type === 'regression' || classes.size === 0) return { problems: [], findings: [] };
  const wrong = wrongLabels(problem, classes);
  const { minClassRows } = data.checks;
  const few = [...classes]
    .filter(([, rows]) => rows < minClassRows)
    .map(
      ([label, rows]) =>
        `only ${rows} rows have target ${problem.target} = ${shownCell(label)}; at least ${minClassRows} are needed (data.checks.minClassRows)`,
    );
  const total = [...classes.values()].reduce((sum, rows) => sum + rows, 0);
  const rare = [...classes].filter(([, rows]) => rows / total < NOTED_SHARE);
  return {
    problems: (wrong === undefined ? few : [wrong]).map((what) => ({ what, column: problem.target })),
    findings: rare.map(
      ([label, rows]) =>
        `${rows} of ${total} rows (${percent(rows / total)}) have target ${problem.target} = ${shownCell(label)}: what is measured of it will be uncertain.`,
    ),
  };
}

function wrongLabels(
  { type, target, positiveClass = '', classes: declared }: ModelDefinition['problem'],
  classes: ReadonlyMap<string, number>,
): string | undefined {
  const labels = [...classes.keys()];
  const seen = labels.slice(0, 20).map(shownCell).join(', ');
  if (type === 'multiclass-classification') {
    const unknown = labels.filter((label) => !declared?.includes(label));
    if (unknown.length > 0)
      return `expected ${target} to be one of problem.classes (${declared?.join(', ')}), got ${shownCell(unknown[0]!)}`;
    const absent = declared?.find((label) => !classes.has(label));
    return absent === undefined ? undefined : `no row has target ${target} = "${absent}"; seen: ${seen}`;
  }
  if (!classes.has(positiveClass))
    return `no row has target ${target} = "${positiveClass}", the positive class; seen: ${seen}${nearLabel(positiveClass, labels)}`;
  if (classes.size === 1) return `every row has target ${target} = "${positiveClass}"; two classes are needed`;
  if (classes.size === 2) return undefined;
  const mark = labels.find((label) => MISSING_MARKS.includes(label));
  const hint = mark === undefined ? '' : `; where ${shownCell(mark)} says that nobody knows, leave the row out`;
  return `expected two classes in ${target}, got ${classes.size} or more: ${seen}${hint}`;
}

/** The label that was meant, where one is the same number, the same truth or the same word otherwise written. */
function nearLabel(wanted: string, labels: readonly string[]): string {
  const same = (label: string): boolean =>
    label.trim().toLowerCase() === wanted.trim().toLowerCase() ||
    (label.trim() !== '' && Number(label) === Number(wanted)) ||
    (wanted === '1' && /^(true|t|yes|y)$/i.test(label));
  const near = labels.find(same);
  return near === undefined ? '' : `; is it problem.positiveClass: ${shownCell(near)}?`;
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(fraction < 0.001 && fraction > 0 ? 3 : 1)} %`;
