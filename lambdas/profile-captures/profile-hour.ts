import { type Baseline, emptyProfile } from '../../domain/drift/baseline.ts';
import { planBatches } from '../../domain/monitoring/capture-batches.ts';
import type { Served } from '../../domain/monitoring/keys.ts';
import type { VersionRow } from '../../domain/version.ts';
import { CountedSum, countBatch } from '../shared/count-batch.ts';
import { distinctFiles } from '../shared/distinct-files.ts';
import { HourPlan, planKey } from '../shared/hour-plan.ts';
import type { CapturedHour } from '../shared/list-hours.ts';
import { saveHour } from '../shared/save-hour.ts';
import type { HotHour } from './contract.ts';
import type { ProfileCapturesDependencies } from './profile-captures.ts';

/** An hour whose files are not the ones that were profiled. */
export type NewHour = CapturedHour & { readonly served: Served; readonly seen: string | undefined };

/**
 * Counts all files of an hour over the baseline's bins and stores the profile, in place of the one that was `seen`. What was
 * delivered twice is counted once.
 *
 * A file that was deleted since it was listed is counted as vanished; the next listing lacks it, so the hour is then profiled again.
 *
 * @returns records read, where this profile is the one that was kept
 */
export async function profileHour(
  dependencies: ProfileCapturesDependencies,
  baseline: Baseline,
  scoreColumn: number,
  hour: NewHour,
): Promise<number> {
  const { objects, buckets, limits } = dependencies;
  const sum = new CountedSum(emptyProfile(baseline));
  const { files, repeatedFiles } = await distinctFiles(objects, buckets.captures, hour.files);
  for (const batch of planBatches(files, limits.batchBytes)) {
    const keys = batch.map(({ key }) => key);
    sum.add(await countBatch(objects, buckets.captures, keys, baseline, scoreColumn));
  }
  return saveHour(dependencies, { ...hour, files: hour.files.length, repeatedFiles }, sum.counted());
}

/** Writes down how an hour too large for this function is to be read; repeating it writes the same. */
export async function planHour(
  { objects, buckets, limits }: ProfileCapturesDependencies,
  { baseline }: VersionRow,
  scoreColumn: number,
  { served: { team, model, version }, hour, revision, files: listed, seen }: NewHour,
): Promise<HotHour> {
  const { files, repeatedFiles } = await distinctFiles(objects, buckets.captures, listed);
  const plan = HourPlan.parse({
    schema: 'launchway/hour-plan/v1',
    served: { team, model, version },
    hour,
    revision,
    files: listed.length,
    repeatedFiles,
    ...(seen !== undefined && { seen }),
    scoreColumn,
    baseline,
    batches: planBatches(files, limits.batchBytes).map((batch) => batch.map(({ key }) => key)),
  });
  const key = planKey(plan);
  await objects.put({ bucket: buckets.artifacts, key }, JSON.stringify(plan), 'application/json');
  return { hour, plan: key, batches: plan.batches.length };
}
