import { z } from 'zod';
import type { CopyPlan } from '../../domain/evaluation/permuted-copies.ts';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
import type { TransformPlan } from '../shared/transform-plan.ts';

export const PlanValidationEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    PREFIX: z.string().min(1),
  });

export const PlanValidationInput = ReleaseInput.extend({ attempt: z.string().regex(/^\d+-\d+$/) });
export type PlanValidationInput = z.infer<typeof PlanValidationInput>;

export type CopiesMade = CopyPlan | { readonly why: string };

export interface PlanValidationOutput {
  readonly candidate: TransformPlan;
  /** Absent for a first version, or where the champion cannot read these rows (another feature set). */
  readonly champion?: TransformPlan;
  /** The hold-out's copies for permutation importance, through the candidate; absent where there are none. */
  readonly copies?: TransformPlan;
  /** How the hold-out was copied, or why not; handed on to `evaluate-model`. */
  readonly importance: CopiesMade;
}
