import type { Command } from 'commander';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import type { LabelFileRow, QualityRow } from '../../domain/quality/rows.ts';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';
import { readWorth, type Worth, worthInWords } from '../worth.ts';

interface QualityOptions extends CommonOptions {
  readonly days: string;
  readonly of?: string;
}

const DAY_MS = 86_400_000;

export function registerQuality(program: Command): void {
  program
    .command('quality')
    .description('how good a model was by what came true: windows, and the files of labels that were uploaded')
    .argument('<model>')
    .option('--days <n>', 'how far back', '30')
    .option('--of <version>', 'the windows of this version (default: of the one that serves)')
    .option('--json', JSON_OPTION)
    .action(async (name: string, _: unknown, command: Command) => {
      const { json, prefix, days, of } = command.optsWithGlobals<QualityOptions>();
      const [back, asked] = [wholeNumber('--days', days), of === undefined ? undefined : wholeNumber('--of', of)];
      const connection = await connect(prefix);
      const { lineage } = connection;
      const version = asked ?? (await lineage.getModel(name)).champion?.version;
      if (version === undefined)
        throw new UsageError(`expected a version of ${name} that serves, got none: name one with --of`);
      const store = new DynamoDbQualityStore(connection.table);
      const now = await connection.now();
      const from = new Date(now.getTime() - back * DAY_MS);
      const windows = await store.listQuality(name, version, from.toISOString());
      const files = await store.listLabelFiles(name, from, now);
      const worth = await readWorth(connection.table, name, version, from.toISOString(), windows);
      createOutput(json ?? false).result({ model: name, version, windows, files, worth }, () =>
        describeQuality({ model: name, version, days: back, windows, files, worth }),
      );
    });
}

/** @throws {UsageError} */
function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`expected ${option} as a whole number from 1, got "${text}"`);
  return Number(text);
}

/** What a person reads. */
export function describeQuality(found: {
  readonly model: string;
  readonly version: number;
  /** How far back was looked. */
  readonly days: number;
  readonly windows: readonly QualityRow[];
  readonly files: readonly LabelFileRow[];
  readonly worth: readonly Worth[];
}): string {
  const { model, version, days, windows, files, worth } = found;
  const told = [`${model} version ${version}, the last ${days} days`, ''];
  if (windows.length === 0) told.push('no window has labels so far');
  else told.push(table([['window', 'predictions', 'labelled', 'verdict', 'measures'], ...windows.map(windowLine)]));
  if (worth.length > 0) told.push('', ...worthInWords(worth));
  if (files.length === 0) {
    return [
      ...told,
      '',
      `no labels were uploaded: put CSV, Parquet or .jsonl under models/${model}/labels/ of the intake bucket`,
    ].join('\n');
  }
  const heading = ['file of labels', 'status', 'labels', 'matched', 'not matched', 'not usable'];
  return [...told, '', table([heading, ...files.map(fileLine)]), ...files.flatMap(problemsOf)].join('\n');
}

function windowLine({ start, end, predictions, outcomes, evaluation }: QualityRow): string[] {
  const measures = Object.entries(evaluation?.metrics ?? {}).map(([name, value]) => {
    const failing = evaluation?.failing.includes(name) ? ' (misses its bar)' : '';
    return `${name} ${value.toPrecision(4)}${failing}`;
  });
  const verdict = evaluation
    ? `${evaluation.verdict}: ${evaluation.why}`
    : predictions?.rows === 0
      ? 'nothing was predicted'
      : 'not evaluated yet: its labels are not complete';
  return [
    `${start.slice(0, 16)}/${end.slice(0, 16)}`,
    predictions ? String(predictions.rows) : 'not read',
    String(outcomes?.labelled ?? 0),
    verdict,
    measures.join(', '),
  ];
}

function fileLine({ object, status, tally, matched, unmatched }: LabelFileRow): string[] {
  const unusable = tally && tally.withoutId + tally.withoutLabel + tally.wrongType + tally.unreadable;
  return [object.key, status, ...[tally?.labels, matched, unmatched, unusable].map((count) => count?.toString() ?? '')];
}

function problemsOf({ object, tally, refusedBecause }: LabelFileRow): string[] {
  const problems = [...(refusedBecause ? [refusedBecause] : []), ...(tally?.problems ?? [])];
  return problems.length === 0 ? [] : ['', object.key, ...problems.map((problem) => `  ${problem}`)];
}
