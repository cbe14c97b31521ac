import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, CapturesEnv } from '../shared/contract.ts';

export const ProfileBatchEnv = ArtifactsEnv.extend(ApprovedEnv.shape).extend(CapturesEnv.shape);

export const ProfileBatchInput = z.object({
  /** Key of the hour's plan in the bucket of artifacts. */
  plan: z.string().min(1),
  /** Which of its batches, from 0. */
  batch: z.number().int().nonnegative(),
});
export type ProfileBatchInput = z.infer<typeof ProfileBatchInput>;

export interface ProfileBatchOutput {
  readonly records: number;
}
