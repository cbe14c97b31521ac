import { isToBeTold } from '../../domain/monitoring/findings.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import { DETECTORS } from '../../domain/monitoring/rows.ts';

/** Whether people are still to be told of an open incident, whichever detector opened it. */
export async function isAlertDue(monitoring: Pick<MonitoringStore, 'openIncident'>, model: string): Promise<boolean> {
  const open = await Promise.all(DETECTORS.map((detector) => monitoring.openIncident(model, detector)));
  return open.some((incident) => incident && isToBeTold(incident));
}
