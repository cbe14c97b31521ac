import { NotFoundError } from '../errors.ts';
import type { LineageStore } from '../ports.ts';
import { type HostedResource, type KnownModels, type Sweep, type SweepRule, sweepOf } from './orphans.ts';

/** What of these resources nobody uses, by the rows of the models that they name. */
export async function findOrphans(
  lineage: Pick<LineageStore, 'getModel'>,
  resources: readonly HostedResource[],
  rule: SweepRule,
): Promise<Sweep> {
  return sweepOf(resources, await knownModels(lineage, resources), rule);
}

async function knownModels(
  lineage: Pick<LineageStore, 'getModel'>,
  resources: readonly HostedResource[],
): Promise<KnownModels> {
  const names = new Set(resources.flatMap(({ tags }) => tags['launchway:model'] ?? []));
  const rows = await Promise.all(
    [...names].map(async (name) => {
      const row = await lineage.getModel(name).catch((error: unknown) => {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      });
      return [name, row] as const;
    }),
  );
  return new Map(rows);
}
