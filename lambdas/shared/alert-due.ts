import { asksForAlert, findingsOf } from '../../domain/monitoring/findings.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';

/** Whether a checked window still asks for an alert: a detector speaks, and nobody was told of it. */
export async function isAlertDue(monitoring: MonitoringStore, window: WindowRow): Promise<boolean> {
  for (const finding of findingsOf(window)) {
    const state = await monitoring.detectorState(window.model, finding.detector);
    // What was expected when the window was checked is not told once that is over: the next window is.
    if (asksForAlert(finding, state, new Date(window.checkedAt))) return true;
  }
  return false;
}
