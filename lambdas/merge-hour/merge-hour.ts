import { emptyProfile } from '../../domain/drift/baseline.ts';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import { CountedSum } from '../shared/count-batch.ts';
import { countedFromJson, HourPlan, shardKey } from '../shared/hour-plan.ts';
import { type SaveHourDependencies, saveHour } from '../shared/save-hour.ts';
import type { MergeHourInput, MergeHourOutput } from './contract.ts';

/**
 * Sums the batches of an hour in their order and stores its profile: the one that a single pass gives, to the last bit.
 *
 * @throws {NotFoundError} a batch was not counted
 */
export const mergeHour =
  (dependencies: SaveHourDependencies) =>
  async ({ plan: key }: MergeHourInput): Promise<MergeHourOutput> => {
    const { objects, buckets } = dependencies;
    const plan = HourPlan.parse(JSON.parse(await objects.readText({ bucket: buckets.artifacts, key })));
    const baseline = baselineFromJson(await objects.readText(plan.baseline));
    const over = emptyProfile(baseline);
    const sum = new CountedSum(over);
    for (let batch = 0; batch < plan.batches.length; batch++) {
      const shard = await objects.readText({ bucket: buckets.artifacts, key: shardKey(plan, batch) });
      sum.add(countedFromJson(shard, over));
    }
    return { records: await saveHour(dependencies, { ...plan, seen: plan.seen }, sum.counted()) };
  };
