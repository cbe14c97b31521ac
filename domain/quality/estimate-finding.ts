import { lastingNames } from '../drift/persistence.ts';
import type { QualityGate } from '../model-definition.ts';
import { DETECTOR_RULES, namesOf } from '../monitoring/detectors.ts';
import { minute } from '../monitoring/recent-changes.ts';
import type { Finding, WindowRow } from '../monitoring/rows.ts';
import type { EstimatedMetric, QualityEstimate } from './estimate.ts';

/** What a window's row keeps of an estimate. */
export interface EstimateRow {
  readonly rows: number;
  readonly metrics: Readonly<Partial<Record<EstimatedMetric, { readonly value: number; readonly onHoldOut: number }>>>;
  /** Measures that are expected to be lower than they may be, by more than chance. */
  readonly dropped: readonly EstimatedMetric[];
  /** Of these, those that were in enough of the last windows. */
  readonly persistent: readonly EstimatedMetric[];
}

/**
 * AUC, or of more classes the share of right decisions, that is lost, in expectation, before anybody is told; the hold-out's own by
 * the same estimator is what it is lost from.
 */
const LOST = 0.05;
/** One-sided 95 % for a bar that somebody set; once in a thousand windows for one that nobody did. */
const SURE_OF_BAR = 1.645;
const SURE_OF_LOSS = 3.09;
const DAY_MS = 86_400_000;

/** What the estimate rests on: whoever reads the number reads this. */
export const ESTIMATE_ASSUMES =
  'No outcomes are needed for it: the hold-out says how often each score (of several classes: each decision, by its confidence) comes true, and the window how often each is given. It follows inputs that move within what the model knows; a world in which the same inputs lead to other outcomes it does not see. Outcomes decide.';

/** @param gates bars of `monitoring.quality`; those of measures that can be estimated count */
export function droppedIn(
  { metrics, expectedClasses }: Pick<QualityEstimate, 'metrics' | 'expectedClasses'>,
  gates: readonly QualityGate[],
): EstimatedMetric[] {
  const watched = expectedClasses ? 'accuracy' : 'auc';
  return (Object.keys(metrics) as EstimatedMetric[]).filter((metric) => {
    const { value, standardError, onHoldOut } = metrics[metric]!;
    const bar = gates.find((gate) => gate.metric === metric)?.atLeast;
    if (bar !== undefined) return value + SURE_OF_BAR * standardError < bar;
    const lost = onHoldOut - value;
    return metric === watched && lost >= LOST && lost > SURE_OF_LOSS * standardError;
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
          ...expectedFacts(estimate),
        ],
      },
      ...(estimate.expectedClasses
        ? [{ kind: 'table' as const, head: CLASSES_HEAD, rows: classesTable(estimate.expectedClasses) }]
        : []),
    ],
  };
}

/** What is expected of the window's rows, and which of them nothing is expected of. */
function expectedFacts({ expectedPositives, undecided = 0 }: QualityEstimate): [string, string][] {
  const facts: [string, string][] = [];
  if (expectedPositives) {
    const { window, holdOut } = expectedPositives;
    facts.push(['Positive class expected', `${percent(window)} here, ${percent(holdOut)} on the hold-out`]);
  }
  if (undecided > 0) facts.push(['Left out', leftOutInWords(undecided)]);
  return facts;
}

export const leftOutInWords = (undecided: number): string =>
  `${undecided.toLocaleString('en-US')} answers without a probability of every class are left out`;

export const CLASSES_HEAD = ['Class', 'Expected share', 'On the hold-out'];
const MOST_CLASSES = 20;

/** By class, whose share moves most first: its name, its expected share, and the hold-out's. */
export const classesTable = (classes: NonNullable<QualityEstimate['expectedClasses']>): string[][] =>
  [...classes]
    .sort((a, b) => Math.abs(b.window - b.holdOut) - Math.abs(a.window - a.holdOut))
    .slice(0, MOST_CLASSES)
    .map(({ name, window, holdOut }) => [name, percent(window), percent(holdOut)]);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** By measure: its name, what is expected with a 95 % interval, and the hold-out's. */
export const estimateTable = ({ metrics }: Pick<QualityEstimate, 'metrics'>): string[][] =>
  Object.entries(metrics).map(([metric, { value, standardError, onHoldOut }]) => [
    metric,
    ...[value, value - 1.96 * standardError, value + 1.96 * standardError, onHoldOut].map((one) => one.toFixed(4)),
  ]);
