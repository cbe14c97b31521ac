import { z } from 'zod';
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
  /** Name of the SageMaker model and of the transform job. */
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

export interface PlanValidationOutput {
  readonly candidate: TransformPlan;
  /** Absent for a first version, or where the champion cannot read these rows (another feature set). */
  readonly champion?: TransformPlan;
}
