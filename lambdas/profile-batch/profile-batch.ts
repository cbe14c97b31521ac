import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { countBatch } from '../shared/count-batch.ts';
import { countedToJson, HourPlan, shardKey } from '../shared/hour-plan.ts';
import type { ProfileBatchInput, ProfileBatchOutput } from './contract.ts';

export interface ProfileBatchDependencies {
  readonly objects: ObjectStore;
  readonly buckets: { readonly captures: string; readonly artifacts: string };
}

/**
 * Counts one batch of an hour's files and stores what it found; repeating it stores the same.
 *
 * @throws {RangeError} the plan has no such batch
 */
export const profileBatch =
  ({ objects, buckets }: ProfileBatchDependencies) =>
  async ({ plan: key, batch }: ProfileBatchInput): Promise<ProfileBatchOutput> => {
    const plan = HourPlan.parse(JSON.parse(await objects.readText({ bucket: buckets.artifacts, key })));
    const keys = plan.batches[batch];
    if (!keys) throw new RangeError(`expected one of ${plan.batches.length} batches, got ${batch}`);
    const baseline = baselineFromJson(await objects.readText(plan.baseline));
    const counted = await countBatch(objects, buckets.captures, keys, baseline, plan.scoreColumn);
    const shard = { bucket: buckets.artifacts, key: shardKey(plan, batch) };
    await objects.put(shard, countedToJson(counted), 'application/json');
    return { records: counted.tally.records };
  };
