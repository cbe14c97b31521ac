import type { Command } from 'commander';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { reviewInWords } from '../../domain/approval/review.ts';
import { type RollbackRow, requesterOf } from '../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../domain/model.ts';
import { type RetrainRow, retrainInWords } from '../../domain/monitoring/retrain-decision.ts';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';
import { worthInSum } from '../../domain/monitoring/worth.ts';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import type { StalenessRow } from '../../domain/staleness/rows.ts';
import { type Connection, connect } from '../connection.ts';
import { bold, type CommonOptions, createOutput, dim, JSON_OPTION, type Output, table, UsageError } from '../output.ts';
import { watchRelease } from '../watch-release.ts';
import { readWorth, type Worth } from '../worth.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('what a model serves and where its releases are')
    .argument('<model>', 'model, or model/release')
    .option('--watch', 'follow the running release, state by state, to its end')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, options: { watch?: boolean }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const connection = await connect(prefix);
      const [model = '', number] = subject.split('/');
      const row = await connection.lineage.getModel(model);
      if (options.watch) return watch(connection, output, row, number);
      const releases = await connection.lineage.listReleases(model);
      const now = await connection.now();
      const watched = await watchedOf(connection, row, now);
      const serving = row.champion && (await connection.lineage.getVersion(model, row.champion.version));
      const reviewBy = serving?.approval?.reviewBy;
      const review = reviewBy === undefined ? undefined : reviewInWords(reviewBy, now);
      output.result({ model: row, releases, ...watched, ...(reviewBy !== undefined && { reviewBy }) }, () =>
        describe(row, releases, watched, review),
      );
    });
}

async function watch(connection: Connection, output: Output, row: ModelRow, number: string | undefined): Promise<void> {
  const release = number ? Number(number) : (row.activeRelease ?? row.releases);
  if (!Number.isInteger(release) || release < 1)
    throw new UsageError(`expected a release of ${row.model}, got ${number ?? 'none yet'}`);
  const end = await watchRelease(connection, row.model, release, (line) => output.line(line));
  output.result(end, () => `${bold(end.status)}: ${end.outcome?.message ?? ''}`);
  if (end.status !== 'Deployed') process.exitCode = 1;
}

/** What monitoring and its consequences say of a model. */
async function watchedOf({ table: rows }: Connection, { model, champion }: ModelRow, now: Date): Promise<Watched> {
  const monitoring = new DynamoDbMonitoringStore(rows);
  const [incidents, retrainings, rollbacks, staleness] = await Promise.all([
    monitoring.listIncidents(model),
    monitoring.listRetrainDecisions(model),
    new DynamoDbRollbackStore(rows).list(model),
    new DynamoDbStalenessStore(rows).list(model, 1),
  ]);
  const from = new Date(now.getTime() - WORTH_DAYS * DAY_MS).toISOString();
  const worth = champion
    ? await readWorth(
        rows,
        model,
        champion.version,
        from,
        await new DynamoDbQualityStore(rows).listQuality(model, champion.version, from),
      )
    : [];
  const open = incidents.filter(({ status }) => status === 'Open');
  return { incidents: open, retrainings, rollbacks, worth, staleness };
}

interface Watched {
  /** Those that are open. */
  readonly incidents: readonly IncidentRow[];
  readonly retrainings: readonly RetrainRow[];
  readonly rollbacks: readonly RollbackRow[];
  /** By window of the version that serves, of the last 30 days. */
  readonly worth: readonly Worth[];
  /** The newest measurement, if there is one. */
  readonly staleness: readonly StalenessRow[];
}

const DAY_MS = 86_400_000;
const WORTH_DAYS = 30;
/** Decisions of the governor that are shown; `--json` has all. */
const DECISIONS_SHOWN = 3;

export const watchedInWords = ({ incidents, retrainings, rollbacks, worth, staleness }: Watched): string[] => [
  ...Object.entries(worthInSum(worth)).map(([what, words]) => `${what.padEnd(8)} ${words}`),
  ...incidents.map(
    ({ detector, summary, start, acknowledged }) =>
      `incident ${detector} since ${start.slice(0, 10)}: ${summary}${acknowledged ? ` (${acknowledged.by} looks into it)` : ''}`,
  ),
  ...retrainings
    .slice(-DECISIONS_SHOWN)
    .map((row) => `retrain  ${row.askedAt}: ${retrainInWords(row)}; asked by ${row.id}`),
  ...rollbacks
    .slice(-1)
    .map(
      ({ rollback, status, from, to, requestedBy, reason, error }) =>
        `rollback ${rollback}: ${status === 'Requested' ? 'under way' : status}, version ${from} to ${to}, asked by ${requesterOf(requestedBy)}: ${reason}${error ? `; ${error}` : ''}`,
    ),
  ...staleness.map(({ askedAt, measured, failure }) => {
    const said = measured?.inWords ?? (failure ? `not measured: ${failure.message}` : 'under way');
    return `age      ${askedAt.slice(0, 10)}: ${said}`;
  }),
];

function describe(row: ModelRow, releases: readonly ReleaseRow[], watched: Watched, review?: string): string {
  const serving = row.champion
    ? `version ${row.champion.version} at ${row.champion.endpointName}, since ${row.champion.since}`
    : 'nothing yet';
  const heading = [
    `${bold(row.model)} ${dim(`team ${row.team} · tier ${row.tier} · owner ${row.owner}`)}`,
    `serves   ${serving}`,
  ];
  if (review !== undefined) heading.push(`review   its approval ${review}; nothing stops by itself`);
  const waits = row.startOn === 'schedule' ? 'waits   ' : 'queued  ';
  if (row.queued) heading.push(`${waits} ${row.queued.dataset.key}`);
  if (row.queuedExperiment) heading.push(`queued   ${row.queuedExperiment.dataset.key}`);
  heading.push(...watchedInWords(watched));
  const rows = releases.map((release) => [
    String(release.release),
    release.status,
    release.version ? `v${release.version}` : '–',
    release.admittedAt,
    isEnd(release.status) ? (release.outcome?.message ?? '') : 'running',
  ]);
  return [...heading, '', table([['release', 'status', 'version', 'admitted', 'outcome'], ...rows])].join('\n');
}
