import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { Command } from 'commander';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { sha256Hex } from '../../adapters/sha256.ts';
import { rowsInWords, versionCells } from '../../domain/staleness/report-html.ts';
import { isMeasured, type StalenessReport, type StalenessRow, USUAL_WISH } from '../../domain/staleness/rows.ts';
import { showUsd } from '../../domain/training/prices.ts';
import { type Connection, connect } from '../connection.ts';
import { ExecutionProgress, executionExists } from '../execution-progress.ts';
import { bold, type CommonOptions, createOutput, JSON_OPTION, type Output, table, UsageError } from '../output.ts';
import { answered, uploadRequest } from '../request-action.ts';

interface StalenessOptions extends CommonOptions {
  readonly versions: string;
  readonly days: string;
  readonly metric?: string;
  readonly last?: boolean;
  readonly wait: boolean;
}

export function registerStaleness(program: Command): void {
  program
    .command('staleness')
    .description(
      'how the last versions do on the same recent labelled predictions: what age costs, and what retraining gains',
    )
    .argument('<model>', 'model')
    .option('--versions <n>', 'how many, the one that serves included', String(USUAL_WISH.versions))
    .option('--days <n>', 'predictions of so many days', String(USUAL_WISH.days))
    .option('--metric <name>', 'the measure that is shown (default: the one that people read first)')
    .option('--last', 'show the last measurement; asks no version anything')
    .option('--no-wait', 'do not follow it to its end')
    .option('--json', JSON_OPTION)
    .addHelpText(
      'after',
      `
Only predictions count that were made after the last upload that any of the versions learnt from: they are new to all of them.
Each version answers them in a batch transform, which is paid for; nothing of it serves.`,
    )
    .action(async (model: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<StalenessOptions>();
      const output = createOutput(options.json ?? false);
      const connection = await connect(options.prefix);
      await connection.lineage.getModel(model);
      const store = new DynamoDbStalenessStore(connection.table);
      const row = options.last ? await lastOf(store, model) : await measure(connection, store, output, model, options);
      const report = row.measured && (await readReport(connection, row.measured.document));
      output.result({ ...row, ...(report && { report }) }, () => inWords(row, report, options.metric));
      if (row.status === 'Failed') process.exitCode = 1;
    });
}

async function lastOf(store: DynamoDbStalenessStore, model: string): Promise<StalenessRow> {
  const [last] = await store.list(model, 1);
  if (!last)
    throw new UsageError(`expected a measurement of ${model}, got none: launchway staleness ${model} makes one`);
  return last;
}

async function measure(
  connection: Connection,
  store: DynamoDbStalenessStore,
  output: Output,
  model: string,
  { versions, days, wait }: StalenessOptions,
): Promise<StalenessRow> {
  const request = {
    action: 'measure-staleness',
    versions: numberBetween('--versions', versions, 2, 10),
    days: numberBetween('--days', days, 1, 90),
  };
  const uploaded = await uploadRequest(connection, model, request, new Date());
  const asked = await answered(connection, model, uploaded, async () =>
    (await store.list(model, 20)).find(({ origin }) => origin === uploaded.origin),
  );
  return wait ? follow(connection, store, output, asked) : asked;
}

/** @throws {UsageError} */
function numberBetween(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new UsageError(`expected ${option} as a whole number from ${least} to ${most}, got "${text}"`);
  return number;
}

async function follow(
  { sfn, client, account, prefix }: Connection,
  store: DynamoDbStalenessStore,
  output: Output,
  { model, id, executionName }: StalenessRow,
): Promise<StalenessRow> {
  const arn = `arn:aws:states:${client.region}:${account}:execution:${prefix}-measure-staleness:${executionName}`;
  let progress: ExecutionProgress | undefined;
  for (;;) {
    const row = await store.get(model, id);
    if (!progress && (await executionExists(sfn, arn))) progress = new ExecutionProgress(sfn, arn);
    for (const { path, at } of (await progress?.next()) ?? [])
      output.line(`  ${at.toISOString().slice(11, 19)}  ${path.join(' › ')}`);
    if (row.status !== 'Asked') return row;
    const ended = progress && (await endOf(sfn, arn));
    // Its last step writes the row: read once more after its end.
    if (ended !== undefined && (await store.get(model, id)).status === 'Asked')
      throw new UsageError(`expected measurement ${id} to be recorded, got an execution that ${ended}: ${arn}`);
    await sleep(400);
  }
}

/** @returns undefined while it runs */
async function endOf(sfn: Connection['sfn'], executionArn: string): Promise<string | undefined> {
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? undefined : status;
}

async function readReport({ account, s3 }: Connection, document: NonNullable<StalenessRow['measured']>['document']) {
  const text = await new S3ObjectStore(account, s3).readText(document, 16 * 1024 * 1024);
  const sha256 = sha256Hex(text);
  if (sha256 !== document.sha256)
    throw new UsageError(`expected a report with sha256 ${document.sha256}, got ${sha256}: it was changed`);
  return JSON.parse(text) as StalenessReport;
}

/** What a person reads. */
export function inWords(row: StalenessRow, report: StalenessReport | undefined, wanted?: string): string {
  const { model, status, failure, measured } = row;
  if (status === 'Asked') return `it is under way: launchway staleness ${model} --last`;
  if (!report || !measured) return `${bold('not measured')}: ${failure?.message ?? 'no reason is known'}`;
  const metric = metricOf(report, wanted);
  const heading = ['version', 'data uploaded', 'approved', 'age', `${metric} (95 %)`, `against v${report.champion}`];
  return [
    `${bold(model)}, measured ${report.at.slice(0, 16)}Z: ${rowsInWords(report.measuredOn)}`,
    '',
    table([heading, ...report.versions.map((version) => versionCells(version, metric))]),
    '',
    report.inWords,
    ...(report.costUsd === undefined ? [] : [`its transforms cost ${showUsd(report.costUsd)} at list price`]),
    `s3://${measured.page.bucket}/${measured.page.key}`,
  ].join('\n');
}

/** @throws {UsageError} nobody measured that */
function metricOf({ metric, versions }: StalenessReport, wanted: string | undefined): string {
  if (wanted === undefined) return metric;
  const known = [...new Set(versions.filter(isMeasured).flatMap(({ intervals }) => Object.keys(intervals)))];
  if (known.includes(wanted)) return wanted;
  throw new UsageError(`expected --metric as one of ${known.join(', ')}, got "${wanted}"`);
}
