import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Command } from 'commander';
import { SageMakerHostingInventory } from '../../adapters/sagemaker-hosting-inventory.ts';
import { findOrphans } from '../../domain/deployment/find-orphans.ts';
import type { HostedResource, Orphan, Sweep } from '../../domain/deployment/orphans.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';

interface SweepOptions {
  readonly keep: string;
  readonly delete?: boolean;
}

export function registerSweep(program: Command): void {
  program
    .command('sweep')
    .description(
      'endpoints, configurations and models of SageMaker that nobody uses; deletes nothing unless it is told to',
    )
    .option('--keep <count>', "of each model's configurations and deployed models, the newest so many stay", '3')
    .option('--delete', 'delete what was found')
    .option('--json', JSON_OPTION)
    .action(async (options: SweepOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const connection = await connect(prefix);
      const inventory = new SageMakerHostingInventory(prefix, new SageMakerClient(connection.client));
      const sweep = await sweepHosting(
        connection,
        inventory,
        keepOf(options.keep),
        options.delete ?? false,
        await connection.now(),
      );
      createOutput(json ?? false).result(sweep, () => inWords(sweep));
    });
}

export interface SweepReport extends Sweep {
  /** Names that were deleted; empty where nobody asked for it. */
  readonly deleted: readonly string[];
  /** Found, and used again by the time they were to be deleted. */
  readonly spared: readonly string[];
}

/** What is not used, and, where that is asked for, its deletion; each is looked at again right before. */
export async function sweepHosting(
  connection: Pick<Connection, 'lineage'>,
  inventory: Pick<SageMakerHostingInventory, 'list' | 'delete'>,
  keep: number,
  remove: boolean,
  at: Date,
): Promise<SweepReport> {
  const resources = await inventory.list();
  const sweep = await findOrphans(connection.lineage, resources, { keep, at });
  const deleted: string[] = [];
  const spared: string[] = [];
  for (const orphan of remove ? sweep.orphans : []) {
    if (await isStillOrphaned(connection, resources, orphan, { keep, at })) {
      await inventory.delete(orphan);
      deleted.push(orphan.name);
    } else spared.push(orphan.name);
  }
  return { ...sweep, deleted, spared };
}

/** A release or a rollback may have begun since everything was listed. */
async function isStillOrphaned(
  connection: Pick<Connection, 'lineage'>,
  resources: readonly HostedResource[],
  orphan: Orphan,
  rule: { readonly keep: number; readonly at: Date },
): Promise<boolean> {
  const ofModel = resources.filter(({ tags }) => tags['launchway:model'] === orphan.model);
  const now = await findOrphans(connection.lineage, ofModel, rule);
  return now.orphans.some(({ kind, name }) => kind === orphan.kind && name === orphan.name);
}

function keepOf(text: string): number {
  const keep = Number(text);
  if (!Number.isInteger(keep) || keep < 1) throw new UsageError(`expected --keep to be 1 or more, got "${text}"`);
  return keep;
}

function inWords({ orphans, kept, deleted, spared }: SweepReport): string {
  const keptWords = Object.entries(kept).map(([reason, count]) => `${count} ${reason}`);
  const rows = orphans.map(({ kind, name, createdAt, why }) => [
    deleted.includes(name) ? 'deleted' : spared.includes(name) ? 'in use again' : 'unused',
    ...[kind, name, createdAt.slice(0, 10), why],
  ]);
  return [
    orphans.length === 0 ? 'Nothing is unused.' : table([['', 'kind', 'name', 'made', 'why'], ...rows]),
    `Kept: ${keptWords.join(', ') || 'nothing'}.`,
    ...(orphans.length > 0 && deleted.length === 0 ? ['Nothing was deleted: --delete does.'] : []),
  ].join('\n');
}
