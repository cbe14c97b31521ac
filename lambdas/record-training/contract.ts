import { z } from 'zod';
import { ReleaseInput, TableEnv } from '../shared/contract.ts';
export const RecordTrainingEnv = TableEnv;

export const RecordTrainingInput = ReleaseInput.extend({ jobName: z.string().min(1) });
export type RecordTrainingInput = z.infer<typeof RecordTrainingInput>;

export interface RecordTrainingOutput {
  /** `Completed`: recorded. `InProgress`: ask again later. A failed job throws TrainingFailedError. */
  readonly status: 'Completed' | 'InProgress';
}
