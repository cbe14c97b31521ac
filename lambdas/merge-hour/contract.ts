import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, TableEnv } from '../shared/contract.ts';

export const MergeHourEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape);

export const MergeHourInput = z.object({
  /** Key of the hour's plan in the bucket of artifacts. */
  plan: z.string().min(1),
});
export type MergeHourInput = z.infer<typeof MergeHourInput>;

export interface MergeHourOutput {
  readonly records: number;
}
