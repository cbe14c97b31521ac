/** A search for hyperparameters as SageMaker describes it. */
export interface TuningJob {
  readonly name: string;
  readonly status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  readonly metric: string;
  readonly goal: 'maximize' | 'minimize';
  readonly failureReason?: string;
  /** Name of the training job that is best, where one completed with the metric. */
  readonly best?: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** One training job of a search. */
export interface Trial {
  readonly jobName: string;
  readonly status: string;
  /** The values that were tried, as texts. */
  readonly tuned: Readonly<Record<string, string>>;
  /** Of the metric that the search is judged by. */
  readonly objective?: number;
  readonly failureReason?: string;
  /** Trained, per instance. */
  readonly seconds: number;
}

/** SageMaker's tuning jobs, to look at. */
export interface TuningJobs {
  /** @returns undefined where no tuning job has this name */
  find(name: string): Promise<TuningJob | undefined>;
  /** In the order of their making. */
  trials(name: string): Promise<Trial[]>;
}
