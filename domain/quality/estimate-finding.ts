import { lastingNames } from '../drift/persistence.ts';
import type { QualityGate } from '../model-definition.ts';
import { DETECTOR_RULES, namesOf } from '../monitoring/detectors.ts';
import { minute } from '../monitoring/recent-changes.ts';
import type { Finding, WindowRow } from '../monitoring/rows.ts';
import { ESTIMATED_METRICS, type EstimatedMetric, type QualityEstimate } from './estimate.ts';

/** What a window's row keeps of an estimate. */
export interface EstimateRow {
  readonly rows: number;
  readonly metrics: Readonly<Partial<Record<EstimatedMetric, { readonly value: number; readonly onHoldOut: number }>>>;
  /** Measures that are expected to be lower than they may be, by more than chance. */
  readonly dropped: readonly EstimatedMetric[];
  /** Of these, those that were in enough of the last windows. */
  readonly persistent: readonly EstimatedMetric[];
}

/** AUC that is lost, in expectation, before anybody is told; the hold-out's own by the same estimator is what it is lost from. */
const LOST_AUC = 0.05;
/** One-sided 95 % for a bar that somebody set; once in a thousand windows for one that nobody did. */
const SURE_OF_BAR = 1.645;
const SURE_OF_LOSS = 3.09;
const DAY_MS = 86_400_000;

/** What the estimate rests on: whoever reads the number reads this. */
export const ESTIMATE_ASSUMES =
  'No outcomes are needed for it: the hold-out says how often each score comes true, and the window how often each score is given. It follows inputs that move within what the model knows; a world in which the same inputs lead to other outcomes it does not see. Outcomes decide.';

/** @param gates bars of `monitoring.quality`; those of measures that can be estimated count */
export function droppedIn(
  { metrics }: Pick<QualityEstimate, 'metrics'>,
  gates: readonly QualityGate[],
): EstimatedMetric[] {
  return ESTIMATED_METRICS.filter((metric) => {
    const estimate = metrics[metric];
    if (!estimate) return false;
    const { value, standardError, onHoldOut } = estimate;
    const bar = gates.find((gate) => gate.metric === metric)?.atLeast;
    if (bar !== undefined) return value + SURE_OF_BAR * standardError < bar;
    const lost = onHoldOut - value;
    return metric === 'auc' && lost >= LOST_AUC && lost > SURE_OF_LOSS * standardError;
  });
}

/** @param before windows before this one, oldest first */
export function estimateRow(
  estimate: QualityEstimate,
  gates: readonly QualityGate[],
  before: readonly Pick<WindowRow, 'estimate'>[],
  rule: { readonly windows: number; readonly of: number },
): EstimateRow {
  const dropped = droppedIn(estimate, gates);
  const estimated = before.flatMap((row) => (row.estimate ? [row.estimate.dropped] : []));
  return {
    rows: estimate.rows,
    metrics: Object.fromEntries(
      Object.entries(estimate.metrics).map(([metric, { value, onHoldOut }]) => [metric, { value, onHoldOut }]),
    ),
    dropped,
    persistent: lastingNames(dropped, estimated, rule),
  };
}

/** What a window is to tell of it; undefined where nothing of it lasts. */
export function estimateFinding(window: WindowRow, estimate: QualityEstimate): Finding | undefined {
  const { model, version, start, end, countsFrom } = window;
  const features = window.estimate?.persistent ?? [];
  if (features.length === 0) return undefined;
  const rowsPerDay = (estimate.rows * DAY_MS) / (Date.parse(end) - Date.parse(countsFrom));
  return {
    ...{ model, version, detector: 'estimate', start, windowStart: start, features, causes: [] },
    severity: DETECTOR_RULES.estimate.severity({ strength: 1, rowsPerDay }),
    summary: `${namesOf(features)} of version ${version} ${features.length === 1 ? 'is' : 'are'} expected to be lower than on the hold-out`,
    evidence: [
      { kind: 'paragraph', text: ESTIMATE_ASSUMES },
      {
        kind: 'table',
        head: ['Measure', 'Expected', 'from', 'to', 'On the hold-out'],
        rows: estimateTable(estimate),
      },
      {
        kind: 'facts',
        rows: [
          [
            'Predictions of',
            `${minute(countsFrom)} to ${minute(end)}, ${estimate.rows.toLocaleString('en-US')} of them`,
          ],
          [
            'Positive class expected',
            `${percent(estimate.expectedPositives.window)} here, ${percent(estimate.expectedPositives.holdOut)} on the hold-out`,
          ],
        ],
      },
    ],
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** By measure: its name, what is expected with a 95 % interval, and the hold-out's. */
export const estimateTable = ({ metrics }: Pick<QualityEstimate, 'metrics'>): string[][] =>
  Object.entries(metrics).map(([metric, { value, standardError, onHoldOut }]) => [
    metric,
    ...[value, value - 1.96 * standardError, value + 1.96 * standardError, onHoldOut].map((one) => one.toFixed(4)),
  ]);
