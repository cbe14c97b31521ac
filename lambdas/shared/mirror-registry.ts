import type { ModelRegistry } from '../../domain/model-registry.ts';
import type { LineageStore } from '../../domain/ports.ts';
import { standingOfVersion } from '../../domain/registry-standing.ts';

export interface MirrorRegistryDependencies {
  readonly lineage: Pick<LineageStore, 'getModel' | 'getRelease' | 'listVersions'>;
  readonly registry: Pick<ModelRegistry, 'setStatus'>;
}

/** A change of champion concerns the newest few; those before have not moved since they retired. */
const NEWEST = 10;

/** Tells the registry what serves and what does not any more, from the lineage as it is; repeating it changes nothing. */
export async function mirrorRegistry({ lineage, registry }: MirrorRegistryDependencies, model: string): Promise<void> {
  const { champion } = await lineage.getModel(model);
  if (!champion) return;
  const served = (await lineage.listVersions(model)).filter(
    ({ version, status }) => version === champion.version || status === 'Retired',
  );
  for (const version of served.toSorted((a, b) => b.version - a.version).slice(0, NEWEST)) {
    const change = standingOfVersion(version, champion.version);
    const { registration } = (await lineage.getRelease(model, version.release)).steps;
    if (change && registration) await registry.setStatus(registration.packageArn, change);
  }
}
