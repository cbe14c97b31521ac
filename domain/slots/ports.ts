import type { SlotChange, SlotClaim, SlotKey, SlotPool } from './slot-pool.ts';

/** A job that holds or waits for instances. */
export interface SlotJob extends SlotKey, SlotClaim {
  readonly model: string;
  readonly release: number;
  /** ARN of the execution that asked. */
  readonly execution: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly grantedAt?: string;
  /** The task that waits, sealed; absent once it was answered. */
  readonly sealedToken?: string;
}

/** Instances of the account, given out in turn. */
export interface SlotStore {
  find(job: string): Promise<SlotJob | undefined>;
  list(): Promise<SlotJob[]>;
  /**
   * Asks for instances: the pool, the job and everybody who is granted something change together, or not at all.
   *
   * @returns jobs that may begin now
   */
  ask(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]>;
  /** As `ask`, for a job that gives its instances or its place back. */
  giveBack(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]>;
  /** Forgets the task of a job that was answered. */
  confirm(job: string): Promise<void>;
}

/** SageMaker's jobs, to look at. */
export interface JobLookup {
  look(job: Pick<SlotJob, 'job' | 'use'>): Promise<'running' | 'ended' | 'missing'>;
}

/** Executions that asked for instances. */
export interface WorkflowLookup {
  /** @returns false too where there is no such execution any more */
  isRunning(execution: string): Promise<boolean>;
}

/** Whoever may give instances out. */
export interface SlotAssigner {
  settle(jobs: { readonly giveBack: readonly string[]; readonly answer: readonly string[] }): Promise<void>;
}
