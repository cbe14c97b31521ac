import { z } from 'zod';
import { BucketOwnerEnv, TableEnv } from '../shared/contract.ts';

export const AnchorChainsEnv = TableEnv.extend(BucketOwnerEnv.shape).extend({
  /** Where heads are kept, under Object Lock. */
  HEADS_BUCKET_NAME: z.string().min(1),
  /** Where a broken chain is told of. */
  ALERT_TOPIC_ARN: z.string().min(1),
});

/** From the hourly schedule; nothing in it is read. */
export const AnchorChainsInput = z.object({});
export type AnchorChainsInput = z.infer<typeof AnchorChainsInput>;

export interface AnchorChainsOutput {
  /** Chains whose head was kept. */
  readonly anchored: number;
  /** Models whose chain does not continue what was anchored. */
  readonly broken: readonly string[];
}
