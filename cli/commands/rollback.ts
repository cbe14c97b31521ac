import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { findRollbackSafety } from '../../domain/deployment/find-rollback-safety.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import { type Connection, connect } from '../connection.ts';
import { ExecutionProgress, executionExists } from '../execution-progress.ts';
import { bold, type CommonOptions, createOutput, JSON_OPTION, type Output, UsageError } from '../output.ts';
import { readReleaseDefinition } from '../read-release-definition.ts';
import { answered, uploadRequest } from '../request-action.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly reason: string;
  readonly withdraw?: boolean;
  readonly force?: boolean;
  readonly wait: boolean;
}

export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('serve a former version again, as it was approved; undone by another rollback, forward')
    .argument('<model>', 'model')
    .option('--to <version>', 'version that served under its own approval; default: the one before')
    .requiredOption('--reason <text>', 'why; kept, and told to owner and operators')
    .option('--withdraw', 'nobody is to serve the version again that serves now')
    .option('--force', 'even where callers would have to change')
    .option('--no-wait', 'do not follow it to its end')
    .option('--json', JSON_OPTION)
    .action(async (model: string, options: RollbackOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const connection = await connect(prefix);
      const to = versionOf(options.to);
      await assertSafe(connection, output, model, to, options.force ?? false);
      const requested = await request(connection, model, to, options);
      const row = options.wait ? await follow(connection, output, requested) : requested;
      output.result(row, () => inWords(row));
      if (row.status === 'Failed') process.exitCode = 1;
    });
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const version = Number(text.replace(/^v/, ''));
  if (!Number.isInteger(version) || version < 1)
    throw new UsageError(`expected --to a version such as 7, got "${text}"`);
  return version;
}

/** Says what serves and whether going back is safe. @throws {UsageError} it would be refused, or callers would notice */
async function assertSafe(
  connection: Connection,
  output: Output,
  name: string,
  to: number | undefined,
  force: boolean,
): Promise<void> {
  const { lineage, account, s3 } = connection;
  const model = await lineage.getModel(name);
  const versions = await lineage.listVersions(name);
  const readDefinition = (object: Parameters<typeof readReleaseDefinition>[1]) =>
    readReleaseDefinition(connection, object);
  const dependencies = { lineage, objects: new S3ObjectStore(account, s3), readDefinition };
  const { verdict, inWords: words } = await findRollbackSafety(dependencies, model, versions, to);
  if (verdict === 'impossible') throw new UsageError(`${words}; launchway status ${name} says what serves`);
  if (verdict === 'unsafe' && !force) throw new UsageError(`${words}; --force does it all the same`);
  output.line(`serves   version ${model.champion!.version} since ${model.champion!.since}`);
  output.line(`rollback ${words}`);
}

async function request(
  connection: Connection,
  model: string,
  to: number | undefined,
  { reason, withdraw }: RollbackOptions,
): Promise<RollbackRow> {
  const body = { action: 'roll-back', reason, ...(to !== undefined && { to }), ...(withdraw && { withdraw }) };
  const uploaded = await uploadRequest(connection, model, body, new Date());
  const rollbacks = new DynamoDbRollbackStore(connection.table);
  return answered(connection, model, uploaded, async () =>
    (await rollbacks.list(model)).find(({ origin }) => origin === uploaded.origin),
  );
}

async function follow(
  connection: Connection,
  output: Output,
  { model, rollback, executionName }: RollbackRow,
): Promise<RollbackRow> {
  const { sfn, client, account, prefix } = connection;
  const rollbacks = new DynamoDbRollbackStore(connection.table);
  const arn = `arn:aws:states:${client.region}:${account}:execution:${prefix}-roll-back-model:${executionName}`;
  let progress: ExecutionProgress | undefined;
  for (;;) {
    const row = await rollbacks.get(model, rollback);
    if (!progress && (await executionExists(sfn, arn))) progress = new ExecutionProgress(sfn, arn);
    for (const { path, at } of (await progress?.next()) ?? [])
      output.line(`  ${at.toISOString().slice(11, 19)}  ${path.join(' › ')}`);
    if (row.status !== 'Requested') return row;
    await sleep(400);
  }
}

function inWords({ model, rollback, status, from, to, withdraw, error }: RollbackRow): string {
  if (status === 'Requested') return `rollback ${rollback} to version ${to} is under way: launchway status ${model}`;
  if (status === 'Failed') return `${bold('not rolled back')}: ${error}`;
  const undo = withdraw
    ? `version ${from} was withdrawn`
    : `to undo: launchway rollback ${model} --to ${from} --reason …`;
  return `${bold(`version ${to} serves`)}; ${undo}`;
}
