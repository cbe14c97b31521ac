import { z } from 'zod';
import type { CopyPlan } from '../../domain/evaluation/permuted-copies.ts';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const PlanValidationEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    PREFIX: z.string().min(1),
  });

export const PlanValidationInput = ReleaseInput.extend({ attempt: z.string().regex(/^\d+-\d+$/) });
export type PlanValidationInput = z.infer<typeof PlanValidationInput>;

/** One batch transform of the hold-out through one sealed model version. */
export interface TransformPlan {
  /** Name of the transform job, and of the SageMaker model that is made for it. */
  readonly name: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly inputUri: string;
  readonly outputUri: string;
  readonly instanceType: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

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
