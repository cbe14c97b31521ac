import { z } from 'zod';
import type { MetricName } from '../../domain/monitoring/metrics.ts';
import { IntakeEnv, TableEnv } from '../shared/contract.ts';
export const ReportLeftoversEnv = TableEnv.extend(IntakeEnv.shape).extend({
  PREFIX: z.string().min(1),
  MAIL_FROM: z.string().min(1),
});

export { METRIC_NAMESPACE } from '../../domain/monitoring/metrics.ts';

/** Operators are told of any. */
export const MISSED_UPLOADS_METRIC: MetricName = 'UploadsNotAdmitted';

export const ReportLeftoversInput = z.object({}).loose();
export type ReportLeftoversInput = z.infer<typeof ReportLeftoversInput>;

export interface ReportLeftoversOutput {
  readonly missed: number;
  /** Absent in hours in which nobody looked. */
  readonly orphans?: number;
}
