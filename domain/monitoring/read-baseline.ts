import type { Baseline } from '../drift/baseline.ts';
import type { NumericProfile } from '../drift/profile.ts';
import { baselineFromJson, profileFromJson } from '../drift/profile-json.ts';
import type { ObjectStore } from '../ports.ts';
import type { VersionRow } from '../version.ts';
import type { MonitoringBaseline, MonitoringBaselineDocument } from './monitoring-baseline.ts';

/** What a version's windows are held against: its training data and its hold-out's predictions, or what somebody put in their place. */
export async function readBaseline(
  objects: Pick<ObjectStore, 'readText'>,
  version: VersionRow,
  current: MonitoringBaseline | undefined,
): Promise<{ readonly baseline: Baseline; readonly heldOut: NumericProfile | undefined }> {
  const document =
    current?.document && (JSON.parse(await objects.readText(current.document)) as MonitoringBaselineDocument);
  const { predictionProfile } = version.evaluation ?? {};
  const heldOut = document?.prediction ?? (predictionProfile && (await objects.readText(predictionProfile)));
  return {
    baseline: baselineFromJson(document?.baseline ?? (await objects.readText(version.baseline))),
    heldOut: heldOut === undefined ? undefined : profileFromJson(heldOut).prediction,
  };
}
