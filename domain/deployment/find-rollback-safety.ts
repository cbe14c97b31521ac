import { activeOf } from '../admission.ts';
import type { ModelRow, ObjectRef } from '../model.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { LineageStore, ObjectStore } from '../ports.ts';
import type { VersionRow } from '../version.ts';
import { formerVersion } from './rollback.ts';
import { type RollbackSafety, rollbackSafety } from './rollback-safety.ts';

export interface FindRollbackSafetyDependencies {
  readonly lineage: Pick<LineageStore, 'getRelease'>;
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly readDefinition: (object: ObjectRef) => Promise<ModelDefinition>;
}

/** Whether a model can go back, and what callers would notice. @param to absent: the version that served before */
export async function findRollbackSafety(
  { lineage, objects, readDefinition }: FindRollbackSafetyDependencies,
  model: ModelRow,
  versions: readonly VersionRow[],
  to?: number,
): Promise<RollbackSafety> {
  const defined = async (version: VersionRow | undefined) =>
    version && { version, definition: await readDefinition(version.definition) };
  const target = to === undefined ? formerVersion(model, versions) : versions.find(({ version }) => version === to);
  const [active, serving, former, archive] = await Promise.all([
    activeOf(lineage, model),
    defined(versions.find(({ version }) => version === model.champion?.version)),
    defined(target),
    target && objects.head(target.artifact.object),
  ]);
  return rollbackSafety({
    model,
    archivePresent: archive !== undefined,
    ...(active && { active }),
    ...(serving && { serving }),
    ...(former && { former }),
  });
}
