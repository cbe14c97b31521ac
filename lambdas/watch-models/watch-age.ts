import type { ModelRow } from '../../domain/model.ts';
import type { LineageStore } from '../../domain/ports.ts';
import { learntUntil } from '../../domain/staleness/choose-versions.ts';
import type { StalenessStore } from '../../domain/staleness/ports.ts';
import { staleFinding } from '../../domain/staleness/stale-finding.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type SettleFindingDependencies, settleLook } from '../shared/settle-finding.ts';

export interface WatchAgeDependencies extends SettleFindingDependencies {
  readonly lineage: Pick<LineageStore, 'getVersion' | 'getRelease'>;
  readonly staleness: Pick<StalenessStore, 'list'>;
  readonly readDefinition: DefinitionReader;
}

/** Opens an incident where what serves is older than its owner lets it become, and closes it once another version serves. */
export async function watchAge(dependencies: WatchAgeDependencies, row: ModelRow, actor: string): Promise<void> {
  const { lineage, staleness, readDefinition, now } = dependencies;
  const { model, champion } = row;
  if (!champion) return;
  const { version, release, definition: accepted } = await lineage.getVersion(model, champion.version);
  const definition = await readDefinition(accepted);
  const { staleAfterDays } = definition.monitoring;
  const at = now();
  const find = async () => {
    if (staleAfterDays === undefined) return undefined;
    const known = { definition, release: await lineage.getRelease(model, release) };
    const [last] = await staleness.list(model, 1);
    return staleFinding({ model, version, learntUntil: learntUntil(known), staleAfterDays }, last, at);
  };
  const over = async () => 'what serves is as young as it is to be';
  const look = { model, detector: 'staleness' as const, version, serving: version, start: at.toISOString() };
  await settleLook(dependencies, { ...look, find, over }, actor);
}
