import type { Command } from 'commander';
import type { ModelRow } from '../../domain/model.ts';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import { type Connection, connect } from '../connection.ts';
import { bold, type CommonOptions, createOutput, dim, JSON_OPTION, type Output, table, UsageError } from '../output.ts';
import { watchRelease } from '../watch-release.ts';

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
      output.result({ model: row, releases }, () => describe(row, releases));
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

function describe(row: ModelRow, releases: readonly ReleaseRow[]): string {
  const serving = row.champion
    ? `version ${row.champion.version} at ${row.champion.endpointName}, since ${row.champion.since}`
    : 'nothing yet';
  const heading = [
    `${bold(row.model)} ${dim(`team ${row.team} · tier ${row.tier} · owner ${row.owner}`)}`,
    `serves   ${serving}`,
  ];
  if (row.queued) heading.push(`queued   ${row.queued.dataset.key}`);
  if (row.queuedExperiment) heading.push(`queued   ${row.queuedExperiment.dataset.key}`);
  const rows = releases.map((release) => [
    String(release.release),
    release.status,
    release.version ? `v${release.version}` : '–',
    release.admittedAt,
    isEnd(release.status) ? (release.outcome?.message ?? '') : 'running',
  ]);
  return [...heading, '', table([['release', 'status', 'version', 'admitted', 'outcome'], ...rows])].join('\n');
}
