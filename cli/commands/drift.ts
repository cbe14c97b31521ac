import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeclaredFeature } from '../../domain/drift/baseline.ts';
import { type Comparison, compareRows, type Rows } from '../../domain/drift/compare.ts';
import { comparisonHtml } from '../../domain/drift/comparison-html.ts';
import { inferFeatures, parseFeatures } from '../drift/columns.ts';
import { holdsCaptures, openTable, type TableFile, type TableFormat } from '../drift/table-files.ts';
import { createOutput, JSON_OPTION, table, UsageError, writeOut } from '../output.ts';
import { registerBacktest } from './backtest.ts';
import { registerBaseline } from './baseline.ts';
import { registerPrecision } from './precision.ts';

const FORMATS: readonly TableFormat[] = ['csv', 'jsonl', 'capture', 'parquet'];

interface CompareOptions {
  readonly format?: string;
  readonly features?: string;
  readonly exact?: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

/** A comparison of two files, with what was left out of it. */
type FileComparison = Comparison & {
  readonly columns: { readonly onlyInBaseline: readonly string[]; readonly onlyInCurrent: readonly string[] };
  /** Lines and rows that could not be read. */
  readonly unread: { readonly baseline: number; readonly current: number };
};

export function registerDrift(program: Command): void {
  const drift = program.command('drift').description('what moved between two sets of rows');
  drift
    .command('compare')
    .description('every measure of every feature of two files, offline')
    .argument('<baseline>', 'file of the rows that the model learnt from')
    .argument('<current>', 'file of the rows to hold against them')
    .addOption(
      new Option(
        '--format <format>',
        'of both files; by default of each from its name, and captures from their first record; capture leaves .csv and .parquet as they are',
      ).choices(FORMATS),
    )
    .option('--features <spec>', 'the columns to compare, their types forced: x:numeric,y:categorical')
    .option('--exact', 'also D and W1 of the raw values; holds both files in memory')
    .option('--html <file>', 'writes a page')
    .option('--json', JSON_OPTION)
    .action(async (baseline: string, current: string, _options: CompareOptions, command: Command) => {
      const options = command.optsWithGlobals<CompareOptions>();
      const compared = await compareFiles(baseline, current, options);
      if (options.html !== undefined) writeOut('--html', options.html, comparisonHtml(compared, baseline, current));
      createOutput(options.json ?? false).result(compared, () => inWords(compared));
    });
  registerBacktest(drift);
  registerPrecision(drift);
  registerBaseline(drift);
}

async function compareFiles(baseline: string, current: string, options: CompareOptions): Promise<FileComparison> {
  for (const path of [baseline, current])
    if (!existsSync(path)) throw new UsageError(`expected a file, got no ${path}`);
  const [formatB, formatC] = [await formatOf(baseline, options.format), await formatOf(current, options.format)];
  const features = await featuresOf(baseline, [formatB, formatC], options.features);
  const names = features.map(({ name }) => name);
  const before = openTable(baseline, formatB, names);
  const after = openTable(current, formatC, names);
  const comparison = await compareRows(features, inOrder(before, features), inOrder(after, features), {
    exact: options.exact ?? false,
  });
  const [ofBaseline, ofCurrent] = [new Set(before.columns()), new Set(after.columns())];
  for (const name of names) {
    if (ofBaseline.size > 0 && !ofBaseline.has(name))
      throw new UsageError(`expected a column "${name}" in ${baseline}, got none`);
  }
  return {
    ...comparison,
    columns: {
      onlyInBaseline: [...ofBaseline].filter((name) => !ofCurrent.has(name)),
      onlyInCurrent: [...ofCurrent].filter((name) => !ofBaseline.has(name)),
    },
    unread: { baseline: before.unread(), current: after.unread() },
  };
}

async function featuresOf(
  path: string,
  formats: readonly [TableFormat, TableFormat],
  spec: string | undefined,
): Promise<DeclaredFeature[]> {
  if (spec !== undefined) return parseFeatures(spec);
  if (formats.includes('capture')) {
    throw new UsageError(
      'expected --features with the columns of the captured requests in order, as captures have no header',
    );
  }
  return inferFeatures(openTable(path, formats[0]));
}

/** A column that a file lacks is missing in every row of it. */
async function* inOrder({ rows }: TableFile, features: readonly DeclaredFeature[]): Rows {
  for await (const batch of rows) yield batch.map((row) => features.map(({ name }) => row.get(name) ?? null));
}

async function formatOf(path: string, given: string | undefined): Promise<TableFormat> {
  const named = /\.(csv|jsonl|parquet)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  // Training rows are held against captures: a table that says so is not read as captures.
  const isTable = given === 'capture' && (named === 'csv' || named === 'parquet');
  const format = FORMATS.find((one) => one === (isTable ? named : (given ?? named)));
  if (!format)
    throw new UsageError(`expected --format ${FORMATS.join(', ')} for ${path}, got a name that does not say`);
  return given === undefined && format === 'jsonl' && (await holdsCaptures(path)) ? 'capture' : format;
}

function inWords(compared: FileComparison): string {
  const { model, features } = compared;
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined
      ? '–'
      : Math.abs(value) < 1e-4 && value !== 0
        ? value.toExponential(1)
        : value.toFixed(4);
  const rows = features.map(({ name, type, measures, qValue, verdict, currentRows }) => [
    name,
    type,
    String(currentRows),
    number(measures.psi),
    number(measures.ks?.lower),
    number(measures.cramersVCorrected),
    number(measures.missing.current),
    number(qValue),
    verdict,
  ]);
  const head = ['feature', 'type', 'rows', 'PSI', 'KS D', 'V', 'missing', 'q', 'verdict'];
  return [`${model.verdict}: ${model.why}`, '', table([head, ...rows]), ...leftOut(compared)].join('\n');
}

/** What does not show in the table. */
function leftOut({ features, columns, unread }: FileComparison): string[] {
  const compared = new Set(features.map(({ name }) => name));
  const gone = columns.onlyInBaseline.filter((name) => compared.has(name));
  const apart = (what: 'nonFinite' | 'unreadable', words: string): string[] =>
    features
      .filter((feature) => feature[what].baseline + feature[what].current > 0)
      .map(
        ({ name, [what]: { baseline, current } }) => `${name}: ${baseline} baseline and ${current} current ${words}`,
      );
  return [
    ...(gone.length > 0 ? [`not in the current file, so missing in each of its rows: ${gone.join(', ')}`] : []),
    ...(columns.onlyInCurrent.length > 0
      ? [`not compared, only in the current file: ${columns.onlyInCurrent.join(', ')}`]
      : []),
    ...apart('nonFinite', 'values are infinite, and counted apart'),
    ...apart('unreadable', 'values are no numbers, and counted as missing'),
    ...(unread.baseline + unread.current > 0
      ? [`could not be read: ${unread.baseline} baseline and ${unread.current} current lines or rows`]
      : []),
  ];
}
