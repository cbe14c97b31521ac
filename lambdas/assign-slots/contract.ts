import { z } from 'zod';
import { ReleaseInput, TableEnv } from '../shared/contract.ts';

export const AssignSlotsEnv = TableEnv.extend({ SLOT_KEY_ARN: z.string().min(1) });

/** Instances that a job is to have before it is made. */
export const SlotWanted = z.object({
  use: z.enum(['training', 'spotTraining', 'transform']),
  instanceType: z.string().min(1),
  count: z.number().int().positive(),
  team: z.string().min(1),
});
export type SlotWanted = z.infer<typeof SlotWanted>;

/** A workflow asks, and waits with a token. */
const Asking = ReleaseInput.extend({
  job: z.string().min(1),
  slot: SlotWanted,
  execution: z.string().min(1),
  token: z.string().min(1),
});

/** Jobs that need their instances no more, and jobs whose workflows were not answered. */
const Settling = z.object({ giveBack: z.array(z.string()).default([]), answer: z.array(z.string()).default([]) });

const name = z.string().min(1);

/** `detail` of SageMaker's event about a job that has ended. */
const JobEnded = z
  .union([
    z.object({ TrainingJobName: name }),
    z.object({ TransformJobName: name }),
    z.object({ HyperParameterTuningJobName: name }),
  ])
  .transform((detail) => ({ giveBack: Object.values(detail), answer: [] }));

export const AssignSlotsInput = z.union([Asking, JobEnded, Settling]);
export type AssignSlotsInput = z.input<typeof Asking> | z.output<typeof Settling>;

export interface AssignSlotsOutput {
  /** Jobs that may begin now. */
  readonly granted: readonly string[];
}
