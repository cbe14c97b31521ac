import { asksForAlert, findingsOf } from '../../domain/monitoring/findings.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';

/** Whether a checked window still asks for an alert: a detector speaks, and nobody was told of it. */
export async function isAlertDue(monitoring: MonitoringStore, window: WindowRow, at: Date): Promise<boolean> {
  for (const finding of findingsOf(window)) {
    const state = await monitoring.detectorState(window.model, finding.detector);
    if (asksForAlert(finding, state, at)) return true;
  }
  return false;
}
