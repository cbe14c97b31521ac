import { findRollbackSafety } from '../../domain/deployment/find-rollback-safety.ts';
import type { RollbackStore } from '../../domain/deployment/ports.ts';
import type { RollbackSafety } from '../../domain/deployment/rollback-safety.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { FleetStore, ServedModels } from '../../domain/monitoring/ports.ts';
import { type Surroundings, surroundings } from '../../domain/monitoring/recent-changes.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from './read-definition.ts';

export interface SurveySurroundingsDependencies {
  readonly lineage: LineageStore;
  readonly fleet: FleetStore;
  readonly served: ServedModels;
  readonly rollbacks: Pick<RollbackStore, 'list'>;
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly readDefinition: DefinitionReader;
  readonly now: Now;
}

export interface Surveyed {
  readonly model: ModelRow;
  readonly versions: readonly VersionRow[];
  readonly around: Surroundings;
  readonly safety: RollbackSafety;
}

/** What stands before an incident: what serves, what changed in the last 24 hours here and beside it, whether going back is safe. */
export async function surveySurroundings(
  dependencies: SurveySurroundingsDependencies,
  name: string,
): Promise<Surveyed> {
  const { lineage, fleet, served, rollbacks, now } = dependencies;
  const [model, releases, versions, before, models, incidents] = await Promise.all([
    lineage.getModel(name),
    lineage.listReleases(name),
    lineage.listVersions(name),
    rollbacks.list(name),
    served.listServedModels(),
    fleet.listOpenIncidents(),
  ]);
  const safety = await findRollbackSafety(dependencies, model, versions);
  const around = surroundings(model, releases, before, { served: models, incidents }, safety, now());
  return { model, versions, around, safety };
}
