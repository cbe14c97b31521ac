import type { TimeWindow } from '../../domain/drift/persistence.ts';
import type { ModelRow } from '../../domain/model.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import { VARIANT } from '../../domain/monitoring/keys.ts';
import type { ServiceMeter } from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import {
  LEAST_BEFORE,
  levelsOf,
  type ServiceCounts,
  type ServiceLevels,
  serviceFinding,
  usualLevels,
} from '../../domain/monitoring/service.ts';
import { DAYS_BACK, WEEKS_BACK } from '../../domain/monitoring/usage.ts';
import { closeIncident, type SettleFindingDependencies, settleFinding } from '../shared/settle-finding.ts';

const DAY_MS = 86_400_000;

/** How a window was answered, and what is usual. */
export interface MeasuredService {
  readonly now: ServiceCounts;
  readonly usual: ServiceLevels;
}

/**
 * Errors and latency of a closed window, beside the same hours of the weeks before; beside the days before until two weeks were
 * served. An endpoint keeps its metrics over all versions, so a version that is slower than the one before is seen.
 *
 * @returns undefined where the version does not serve, or no call was counted
 */
export async function measureService(
  meter: ServiceMeter,
  { champion }: Pick<ModelRow, 'champion'>,
  version: number,
  window: TimeWindow,
): Promise<MeasuredService | undefined> {
  if (champion?.version !== version) return undefined;
  const measure = (days: number): Promise<ServiceCounts> => {
    const back = (time: string): string => new Date(Date.parse(time) - days * DAY_MS).toISOString();
    return meter.measure(champion.endpointName, VARIANT, { start: back(window.start), end: back(window.end) });
  };
  const now = await measure(0);
  if (now.calls === 0) return undefined;
  const steps = async (most: number, days: number) =>
    (await Promise.all(Array.from({ length: most }, (_, i) => measure((i + 1) * days)))).filter(
      ({ calls }) => calls > 0,
    );
  const weeks = await steps(WEEKS_BACK, 7);
  return { now, usual: usualLevels(weeks.length >= LEAST_BEFORE ? weeks : await steps(DAYS_BACK, 1)) };
}

/** Opens an incident where answers are lastingly worse, and closes the open one where they are as usual. @returns whether people are to be told */
export async function settleService(
  dependencies: SettleFindingDependencies,
  window: WindowRow,
  actor: string,
): Promise<boolean> {
  const finding = serviceFinding(window);
  if (finding) {
    const incident = await settleFinding(dependencies, finding, actor, undefined, new Date(window.checkedAt));
    return incident !== undefined && isToBeTold(incident);
  }
  const open = await dependencies.monitoring.openIncident(window.model, 'service');
  if (open && window.start > open.windowStart && isAsUsual(window, open.features))
    await closeIncident(dependencies, open, `as in the weeks before since ${window.start.slice(0, 10)}`, actor);
  return false;
}

/** Whether nothing is worse, and what the incident is of could be told: a window of few calls ends nothing. */
const isAsUsual = ({ service }: WindowRow, features: readonly string[]): boolean =>
  service !== undefined &&
  service.worse.length === 0 &&
  features.every((name) => Object.hasOwn(service.usual, name) && Object.hasOwn(levelsOf(service), name));
