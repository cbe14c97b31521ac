import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';
export const SweepIntentsEnv = TableEnv.extend({
  DECISION_QUEUE_URL: z.string().url(),
  INTAKE_QUEUE_URL: z.string().url(),
  RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1),
  ROLL_BACK_MODEL_STATE_MACHINE_ARN: z.string().min(1),
});

export const SweepIntentsInput = z.object({}).loose();
export type SweepIntentsInput = z.infer<typeof SweepIntentsInput>;

export interface SweepIntentsOutput {
  readonly decisionsRequeued: number;
  readonly releasesStarted: number;
  readonly rollbacksStarted: number;
  readonly waitingAnnounced: number;
}
