import { z } from 'zod';
import { ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const RecordTrainingEnv = TableEnv.extend(ArtifactsEnv.shape);

export const RecordTrainingInput = ReleaseInput.extend({
  jobName: z.string().min(1),
  /** The job is a tuning job. */
  isSearch: z.boolean().default(false),
  /** Instance types that had no capacity before this job's. */
  withoutCapacity: z.array(z.string()).default([]),
  /** Instance types that are still to be tried. */
  typesLeft: z.number().int().min(0).default(0),
});
export type RecordTrainingInput = z.input<typeof RecordTrainingInput>;

export interface RecordTrainingOutput {
  /**
   * `Completed`: recorded. `InProgress`: ask again later. `NoCapacity`: nothing ran, and the next instance type is to be tried.
   * A job that failed throws.
   */
  readonly status: 'Completed' | 'InProgress' | 'NoCapacity';
}
