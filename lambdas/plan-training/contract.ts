import { z } from 'zod';
import type { SearchPlan } from '../../domain/training/tuning.ts';
import type { SlotWanted } from '../assign-slots/contract.ts';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const PlanTrainingEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    PREFIX: z.string().min(1),
  });

/** `attempt` is `{redrive count}-{retry count}`: SageMaker's job names are unique for ever. */
export const PlanTrainingInput = ReleaseInput.extend({
  attempt: z.string().regex(/^\d+-\d+$/),
  /** How many of `training.instance.types` had no capacity. */
  withoutCapacity: z.number().int().min(0).default(0),
});
export type PlanTrainingInput = z.input<typeof PlanTrainingInput>;

/** What `Train Model` needs that the definition file does not say itself. */
export interface PlanTrainingOutput {
  /**
   * `adopt`: a job of this name and digest runs or has completed; wait for it instead of paying twice. `search`: a tuning job is
   * to be made.
   */
  readonly action: 'create' | 'adopt' | 'search';
  /** The job is a tuning job. */
  readonly isSearch?: true;
  readonly jobName: string;
  readonly image: string;
  readonly roleArn: string;
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Elements of InputDataConfig. */
  readonly channels: readonly {
    readonly ChannelName: string;
    readonly ContentType?: string;
    readonly InputMode?: 'File';
    readonly DataSource: {
      readonly S3DataSource: {
        readonly S3DataType: 'S3Prefix';
        readonly S3Uri: string;
        readonly S3DataDistributionType: 'FullyReplicated';
      };
    };
  }[];
  readonly outputUri: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeGb: number;
  readonly maxRuntimeSeconds: number;
  readonly inputMode: 'File' | 'FastFile';
  /** Members of CreateTrainingJob that only some trainings have: spot instances with their checkpoints. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Instance types that had no capacity, and how many are to be tried after this one. */
  readonly withoutCapacity: readonly string[];
  readonly typesLeft: number;
  /** Instances to wait for before the job is made; absent where their number is not limited. */
  readonly slot?: SlotWanted;
  /** Of a search. */
  readonly search?: SearchPlan;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}
