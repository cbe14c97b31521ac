import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, CapturesEnv, TableEnv } from '../shared/contract.ts';
export const ProfileCapturesEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(CapturesEnv.shape);

export const ProfileCapturesInput = z.object({
  model: z.string().min(1),
  /** ISO 8601: the occurrence of the schedule; every full hour before it is profiled, once. */
  scheduledTime: z.string().datetime({ offset: true }),
});
export type ProfileCapturesInput = z.infer<typeof ProfileCapturesInput>;

/** An hour that is too large for one function. */
export interface HotHour {
  /** Its start, ISO 8601 UTC. */
  readonly hour: string;
  /** Key of its plan in the bucket of artifacts. */
  readonly plan: string;
  readonly batches: number;
}

export interface ProfileCapturesOutput {
  readonly version: number;
  /** Records of the hours that were profiled here. */
  readonly records: number;
  /** Hours that are to be profiled batch by batch before windows are checked. */
  readonly hotHours: readonly HotHour[];
  /** Start (ISO 8601) of every window that has closed and is not checked yet, oldest first. */
  readonly closedWindows: readonly string[];
  /** Whether the governor of retraining is to be asked. */
  readonly governed: boolean;
  /** Whether labels are to be joined or windows evaluated. */
  readonly outcomesDue: boolean;
}
