import { z } from 'zod';
import type { RolloutPlan } from '../../domain/deployment/rollout.ts';
import { ApprovedEnv, CapturesEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const AuthorizeDeploymentEnv = TableEnv.extend(ApprovedEnv.shape)
  .extend(CapturesEnv.shape)
  .extend({
    PREFIX: z.string().min(1),
  });

/**
 * `restoreVersion`: serve this version again, which served before under its own approval, instead of the release's candidate;
 * `rollback`: because somebody asked for it. Without one it can only be the champion, after a deployment that failed.
 */
export const AuthorizeDeploymentInput = ReleaseInput.extend({
  restoreVersion: z.number().int().positive().optional(),
  rollback: z.number().int().positive().optional(),
});
export type AuthorizeDeploymentInput = z.infer<typeof AuthorizeDeploymentInput>;

/** Everything that will be deployed, read from the table and bound by the approved digest. */
export interface AuthorizeDeploymentOutput {
  readonly version: number;
  readonly digest: string;
  readonly modelName: string;
  readonly endpointConfigName: string;
  readonly endpointName: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  /** `s3://captures/{team}/{model}/v{version}` */
  readonly captureUri: string;
  /** 0–100. */
  readonly capturePercent: number;
  /** How it takes over from what serves; absent where it does so at once, and for a version that is put back. */
  readonly rollout?: RolloutPlan;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}
