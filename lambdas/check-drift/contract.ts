import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, TableEnv } from '../shared/contract.ts';
export const CheckDriftEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape);

export const CheckDriftInput = z.object({
  model: z.string().min(1),
  version: z.number().int().positive(),
  windowStart: z.string().datetime({ offset: true }),
});
export type CheckDriftInput = z.infer<typeof CheckDriftInput>;

export interface CheckDriftOutput {
  readonly verdict: 'Stable' | 'Drifted' | 'InsufficientData';
  /** True where persistence is met and no incident is open: someone is to be told. */
  readonly alert: boolean;
}
