import type { ModelRow } from '../../domain/model.ts';
import { dataFinding, untold } from '../../domain/monitoring/data-finding.ts';
import type { DriftReport } from '../../domain/monitoring/drift-report.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { IncidentRow, WindowRow } from '../../domain/monitoring/rows.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { closeIncident, type SettleFindingDependencies, settleFinding } from '../shared/settle-finding.ts';

const REPORT_BYTES = 64 * 1024 * 1024;

export interface SettleDataDependencies extends SettleFindingDependencies {
  readonly objects: Pick<ObjectStore, 'readText'>;
  /** By feature, the share of decisions that rests on it. */
  readonly readImportance: () => Promise<ReadonlyMap<string, number> | undefined>;
}

/**
 * Opens an incident where windows keep breaking what training had, and closes the open one where no feature does any more, or drift
 * tells of it. Called when drift and skew of the window are settled.
 *
 * @returns whether people are to be told
 */
export async function settleData(
  dependencies: SettleDataDependencies,
  { champion }: Pick<ModelRow, 'champion'>,
  window: WindowRow,
  actor: string,
): Promise<boolean> {
  const { monitoring, objects, readImportance } = dependencies;
  const open = await monitoring.openIncident(window.model, 'data');
  const over = open && whyReplaced(open, window, champion?.version);
  if (over !== undefined) await closeIncident(dependencies, open!, over, actor);
  if (!window.data || !window.report) return false;
  const told = await toldOf(monitoring, window);
  if (window.data.persistent.length > 0) {
    const { broken = [] } = JSON.parse(await objects.readText(window.report, REPORT_BYTES)) as DriftReport;
    const finding = dataFinding(window, broken, told, await readImportance());
    if (finding) {
      const incident = await settleFinding(dependencies, finding, actor, undefined, new Date(window.checkedAt));
      return incident !== undefined && isToBeTold(incident);
    }
  }
  if (open?.version !== window.version || window.start <= open.windowStart) return false;
  if (untold(window, window.data.broken, told).length > 0) return false;
  const because =
    window.data.broken.length === 0
      ? `nothing broken since ${window.start.slice(0, 10)}`
      : 'the incident of drift or skew tells of the same features';
  await closeIncident(dependencies, open, because, actor);
  return false;
}

const whyReplaced = (open: IncidentRow, { version }: WindowRow, serving: number | undefined): string | undefined =>
  open.version !== version && serving === version
    ? `version ${version} serves in place of version ${open.version}`
    : undefined;

/** Features that an open incident of drift or skew has. */
async function toldOf(
  monitoring: Pick<MonitoringStore, 'openIncident'>,
  { model, version }: WindowRow,
): Promise<string[]> {
  const open = await Promise.all(
    (['drift', 'skew'] as const).map((detector) => monitoring.openIncident(model, detector)),
  );
  return open.flatMap((incident) => (incident?.version === version ? incident.features : []));
}
