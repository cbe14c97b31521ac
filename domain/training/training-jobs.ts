/** Tag with the digest of everything that decides what a job computes. */
export const INPUTS_TAG = 'launchway:inputs';
/** Tag with the number of the release that the job was made for. */
export const RELEASE_TAG = 'launchway:release';

/** A training job as SageMaker describes it. */
export interface TrainingJob {
  readonly name: string;
  readonly arn: string;
  readonly status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  /** `AlgorithmError: …`, where it failed. */
  readonly failureReason?: string;
  /** Why it stopped: `MaxRuntimeExceeded`, `MaxWaitTimeExceeded`, `Stopped`; other words while it runs. */
  readonly secondaryStatus?: string;
  readonly image: string;
  /** s3:// of model.tar.gz; present once completed. */
  readonly artifactUri?: string;
  /** Billed, per instance. */
  readonly seconds: number;
  /** Trained, per instance: more than what is billed for spot instances. */
  readonly trainingSeconds?: number;
  readonly limits?: { readonly maxRuntimeSeconds?: number; readonly maxWaitSeconds?: number };
  readonly isSpot?: boolean;
  /** How often its spot instances were taken away. */
  readonly interruptions?: number;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly tags: ReadonlyMap<string, string>;
}

/** SageMaker's training jobs, to look at. */
export interface TrainingJobs {
  /** @returns undefined where no job has this name */
  find(name: string): Promise<TrainingJob | undefined>;
}
