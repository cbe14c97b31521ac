import type { TimeWindow } from '../../domain/drift/persistence.ts';
import type { ModelRow } from '../../domain/model.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import { VARIANT } from '../../domain/monitoring/keys.ts';
import type { InvocationCounter } from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { DAYS_BACK, type Usage, usageFinding, usageOf, WEEKS_BACK } from '../../domain/monitoring/usage.ts';
import { closeIncident, type SettleFindingDependencies, settleFinding } from '../shared/settle-finding.ts';

const DAY_MS = 86_400_000;

/**
 * Holds the calls of a closed window against those of the same hours before. An endpoint keeps its metrics over all versions.
 *
 * @param records that were captured in the window: calls without a metric are late metrics, and nothing is said of them
 * @returns undefined where the version does not serve, or its calls were not counted
 */
export async function measureUsage(
  invocations: InvocationCounter,
  { champion }: ModelRow,
  version: number,
  window: TimeWindow,
  records: number,
): Promise<Usage | undefined> {
  if (champion?.version !== version) return undefined;
  const countBefore = (days: number): Promise<number> => {
    const back = (time: string): string => new Date(Date.parse(time) - days * DAY_MS).toISOString();
    return invocations.count(champion.endpointName, VARIANT, { start: back(window.start), end: back(window.end) });
  };
  const steps = (most: number, days: number) =>
    Promise.all(Array.from({ length: most }, (_, i) => countBefore((i + 1) * days)));
  const now = await countBefore(0);
  if (now === 0 && records > 0) return undefined;
  return usageOf(now, await steps(WEEKS_BACK, 7), () => steps(DAYS_BACK, 1));
}

/** Opens an incident where usage dropped, and closes the open one where it is as usual again. @returns whether people are to be told */
export async function settleUsage(
  dependencies: SettleFindingDependencies,
  window: WindowRow,
  actor: string,
): Promise<boolean> {
  const { monitoring } = dependencies;
  const finding = usageFinding(window);
  if (finding) {
    const incident = await settleFinding(dependencies, finding, actor, undefined, new Date(window.checkedAt));
    return incident !== undefined && isToBeTold(incident);
  }
  const open = await monitoring.openIncident(window.model, 'usage');
  if (open && window.usage?.usual !== undefined && window.start > open.windowStart)
    await closeIncident(dependencies, open, `as many calls as usual since ${window.start.slice(0, 10)}`, actor);
  return false;
}
