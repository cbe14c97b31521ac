import type { MetricSet } from '../monitoring/metrics.ts';
import type { QualityEvaluation } from './rows.ts';

/** What the newest evaluated window says over time. */
export const qualityMetrics = ({ labelled, predictions, failing }: QualityEvaluation): MetricSet['values'] => ({
  ...(predictions > 0 && { LabelledShare: (100 * labelled) / predictions }),
  GatesMissed: failing.length,
});
