import { z } from 'zod';
import { emptyTally, type UnreadReason } from '../../domain/capture/capture-layout.ts';
import type { Profile } from '../../domain/drift/profile.ts';
import { shardFromJson, shardToJson } from '../../domain/drift/shard-json.ts';
import type { Counted } from './count-batch.ts';

const count = z.number().int().nonnegative();
const text = z.string().min(1);
const reasons = Object.keys(emptyTally().unread) as [UnreadReason, ...UnreadReason[]];

/** How an hour that is too large for one function is read: written once, then read by each that has a part in it. */
export const HourPlan = z.object({
  schema: z.literal('launchway/hour-plan/v1'),
  served: z.object({ team: text, model: text, version: z.number().int().positive() }),
  hour: z.string().datetime({ offset: true }),
  revision: text,
  files: count,
  repeatedFiles: count.default(0),
  seen: text.optional(),
  scoreColumn: count,
  baseline: z.object({ bucket: text, key: text, versionId: text.optional() }),
  /** Keys in the bucket of captures, by batch. */
  batches: z.array(z.array(text).min(1)).min(1),
});
export type HourPlan = z.infer<typeof HourPlan>;

const Shard = z.object({
  profile: text,
  vanishedFiles: count,
  tally: z.object({
    records: count,
    rows: count,
    smokeRecords: count,
    rowsWithoutPrediction: count,
    unread: z.record(z.enum(reasons), count),
  }),
});

type HourOf = Pick<HourPlan, 'served' | 'hour' | 'revision'>;

/** Everything of one plan is under one prefix, named by what was listed: the same files are the same plan. */
const folderOf = ({ served: { team, model, version }, hour, revision }: HourOf): string =>
  `${team}/${model}/profiles/v${version}/${hour.slice(0, 13)}/${revision.slice(0, 16)}`;

export const planKey = (plan: HourOf): string => `${folderOf(plan)}/plan.json`;

export const shardKey = (plan: HourOf, batch: number): string =>
  `${folderOf(plan)}/shard-${String(batch).padStart(5, '0')}.json`;

export const countedToJson = ({ profile, tally, vanishedFiles }: Counted): string =>
  JSON.stringify({ profile: shardToJson(profile), tally, vanishedFiles });

/** @param over emptyProfile of the baseline that it was counted over */
export function countedFromJson(json: string, over: Profile): Counted {
  const { profile, tally, vanishedFiles } = Shard.parse(JSON.parse(json));
  return { profile: shardFromJson(profile, over), tally, vanishedFiles };
}
