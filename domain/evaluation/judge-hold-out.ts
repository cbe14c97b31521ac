import { MarginNotResolvableError, type PipelineError, SliceTooSmallError } from '../errors.ts';
import type { Gate, ModelDefinition, Problem } from '../model-definition.ts';
import type { EvaluationResult } from '../step-results.ts';
import { type Resolution, resolutionOf, whatResolves } from './resolution.ts';

/** What is known of a hold-out before anything is trained. */
export interface HoldOutShape {
  readonly rows: number;
  /** Rows per class; empty for regression. */
  readonly classes: ReadonlyMap<string, number>;
  /** Rows per value of each attribute. */
  readonly slices: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** What serves, and what its evaluation found that chance makes of it. */
export interface MeasuredChampion {
  readonly version: number;
  readonly holdoutRows: number;
  readonly evaluation: Pick<EvaluationResult, 'standardErrors' | 'comparison'>;
}

/** Whether the gates can be judged on a hold-out at all. */
export interface HoldOutVerdict {
  readonly findings: readonly string[];
  /** What no model could pass, or nobody could ever see. */
  readonly refusal?: PipelineError;
}

/**
 * Of the errors of two models of one kind on the same rows, what is in common; generous, so that a margin is refused only where it
 * is hopeless. Measured: 0.91 between a linear model and boosting on the bank data, 0.98 between retrained equals.
 */
const IN_COMMON = 0.95;
/** Assumed of a model that nobody has seen. */
const ASSUMED_AUC = 0.7;
const ASSUMED_ACCURACY = 0.8;

/**
 * Looks at gates before any job is paid for: a slice that no value fills, and a margin that the hold-out cannot resolve.
 *
 * @param champion what serves; without one, a margin that cannot be resolved is a finding: the first version passes it unjudged
 */
export function judgeHoldOut(
  { validation, problem }: Pick<ModelDefinition, 'validation' | 'problem'>,
  shape: HoldOutShape,
  champion?: MeasuredChampion,
): HoldOutVerdict {
  const findings: string[] = [];
  const refusals: PipelineError[] = [];
  for (const gate of validation.gates) {
    if (gate.slice !== undefined) judgeSlice(gate, shape, findings, refusals);
    if (gate.versusChampion === 'notWorse') judgeMargin(gate, problem, shape, champion, findings, refusals);
  }
  return { findings, ...(refusals[0] && { refusal: refusals[0] }) };
}

function judgeSlice(gate: Gate, { slices }: HoldOutShape, findings: string[], refusals: PipelineError[]): void {
  const { metric, slice = '', minRows = 200 } = gate;
  const values = [...(slices.get(slice) ?? [])].sort(([, a], [, b]) => b - a);
  const large = values.filter(([, rows]) => rows >= minRows);
  if (large.length === values.length) return;
  if (large.length > 0) {
    const small = values.length - large.length;
    findings.push(
      `Gate ${metric} by ${slice}: ${small} of ${values.length} values have fewer than ${minRows} rows in the hold-out and are not judged.`,
    );
    return;
  }
  const [largest] = values;
  const got = largest
    ? `"${largest[0].slice(0, 40)}" with ${largest[1]} rows as the largest of ${values.length}`
    : 'none';
  refusals.push(
    new SliceTooSmallError(
      `gate ${metric} by ${slice} can never be judged: expected a value of ${slice} with ${minRows} rows in the hold-out, got ${got}; ask for fewer (minRows), hold out more rows, or drop the gate`,
      { slice, minRows, largest: largest?.[1] ?? 0 },
    ),
  );
}

function judgeMargin(
  gate: Gate,
  problem: Problem,
  shape: HoldOutShape,
  champion: MeasuredChampion | undefined,
  findings: string[],
  refusals: PipelineError[],
): void {
  const { metric, margin = 0, confidence = 0.95 } = gate;
  const known = differenceError(metric, problem, shape, champion);
  if (!known) return;
  const resolution = resolutionOf(known.error, shape.rows, margin, confidence);
  if (margin >= resolution.marginNeeded) return;
  const said = inWords(gate, shape, known, resolution);
  if (champion) refusals.push(new MarginNotResolvableError(said, { metric, margin, ...resolution }));
  else findings.push(`Once a version serves: ${said}.`);
}

interface KnownError {
  readonly error: number;
  readonly from: string;
}

function inWords(
  { metric, margin, confidence = 0.95 }: Gate,
  { rows }: HoldOutShape,
  { error, from }: KnownError,
  resolution: Resolution,
): string {
  const share = `${(100 * resolution.passing).toFixed(0)} %`;
  return (
    `gate ${metric} notWorse asks for a margin of ${margin} at ${100 * confidence} % confidence, which a hold-out of ${rows.toLocaleString('en')} rows cannot resolve: ` +
    `the standard error of the difference is about ${error.toPrecision(2)} (${from}), so only ${share} of equal candidates would pass; expected ${whatResolves(resolution)}`
  );
}

/** The standard error of candidate − champion on this hold-out, from the best that is known. */
function differenceError(
  metric: string,
  problem: Problem,
  shape: HoldOutShape,
  champion: MeasuredChampion | undefined,
): KnownError | undefined {
  const { comparison, standardErrors } = champion?.evaluation ?? {};
  const compared = comparison?.standardErrors[metric];
  if (comparison && compared !== undefined) {
    const from = `measured when version ${champion!.version} was compared on ${comparison.rows.toLocaleString('en')} rows`;
    return { error: compared * Math.sqrt(comparison.rows / shape.rows), from };
  }
  const shared = Math.sqrt(2 * (1 - IN_COMMON));
  const own = standardErrors?.[metric];
  if (own !== undefined) {
    const from = `estimated from version ${champion!.version}'s own`;
    return { error: own * Math.sqrt(champion!.holdoutRows / shape.rows) * shared, from };
  }
  const assumed = assumedError(metric, problem, shape);
  return assumed && { error: assumed.error * shared, from: assumed.from };
}

function assumedError(
  metric: string,
  { positiveClass = '' }: Problem,
  { rows, classes }: HoldOutShape,
): KnownError | undefined {
  if (metric === 'accuracy') {
    const error = Math.sqrt((ASSUMED_ACCURACY * (1 - ASSUMED_ACCURACY)) / rows);
    return { error, from: `of an accuracy of ${ASSUMED_ACCURACY}` };
  }
  if (metric !== 'auc' && metric !== 'gini') return undefined;
  const positives = classes.get(positiveClass) ?? 0;
  const error = aucStandardError(ASSUMED_AUC, positives, rows - positives) * (metric === 'gini' ? 2 : 1);
  return { error, from: `of an AUC of ${ASSUMED_AUC}` };
}

/** @see Hanley & McNeil (1982), The meaning and use of the area under a receiver operating characteristic (ROC) curve */
export function aucStandardError(auc: number, positives: number, negatives: number): number {
  const [q1, q2] = [auc / (2 - auc), (2 * auc ** 2) / (1 + auc)];
  const spread = auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2);
  return Math.sqrt(spread / (positives * negatives));
}
