import { bootstrap, quantile, standardError } from '../evaluation/bootstrap.ts';
import type { Interval } from '../evaluation/intervals.ts';
import { measureAll, metricNamed } from '../evaluation/measure.ts';
import { FIRST_METRIC, lowerIsBetter } from '../evaluation/metric-names.ts';
import { seededRandom } from '../evaluation/random.ts';
import { multiclassSampleOf, onceEach, type Sample, sampleOf, subsample } from '../evaluation/sample.ts';
import { countedSlices, slicesOf } from '../evaluation/slices.ts';
import type { Problem, QualityGate } from '../model-definition.ts';
import type { Outcomes } from './outcomes.ts';
import type { PredictionIndex } from './prediction-index.ts';
import type { QualityVerdict } from './rows.ts';

/** Fewer labelled predictions than this are not judged, where no gate asks for more. */
export const LEAST_LABELLED = 200;

/** Rows that a resample is drawn from at most: above, intervals are those of a part, made narrower in proportion. */
const MOST_RESAMPLED = 50_000;
const RESAMPLES = 400;
/** Visits of rows that one interval may cost. */
const BUDGET = 2e7;

/** The predictions of a window whose outcomes are known. */
export interface LabelledPredictions {
  /** Predictions that could have been labelled. */
  readonly predictions: number;
  readonly truth: Float64Array;
  /** One column, or one per class. */
  readonly scores: readonly Float64Array[];
  /** Values for slices, by attribute; empty where unknown. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** What of a window is to be evaluated; the rest of it can be let go. */
export function labelledPredictions({ scores, width }: PredictionIndex, outcomes: Outcomes): LabelledPredictions {
  const { truth } = outcomes;
  const labelled = Uint32Array.from(truth.keys()).filter((prediction) => !Number.isNaN(truth[prediction]!));
  const attributes = [...outcomes.attributes].map(([name, { values, numbers }]) => {
    return [name, Array.from(labelled, (prediction) => values[numbers[prediction]!]!)] as const;
  });
  return {
    predictions: truth.length,
    truth: Float64Array.from(labelled, (prediction) => truth[prediction]!),
    scores: Array.from({ length: width }, (_, k) =>
      Float64Array.from(labelled, (prediction) => scores[prediction * width + k]!),
    ),
    attributes: new Map(attributes),
  };
}

/** A gate's verdict; `Doubtful`: below the bar, but not more than chance could explain. */
export interface QualityGateResult {
  readonly metric: string;
  readonly needed: string;
  readonly minRows: number;
  readonly verdict: 'Passed' | 'Doubtful' | 'Failed' | 'Undefined' | 'InsufficientLabels';
  readonly measured: Interval | null;
  /** The bar is missed by more than chance explains once in a thousand windows. */
  readonly beyondDoubt: boolean;
}

export interface SliceQuality {
  readonly attribute: string;
  readonly value: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the measure that people read first and of the gates'. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** What a model is worth on the predictions of a window whose outcomes are known. */
export interface WindowQuality {
  readonly verdict: QualityVerdict;
  readonly why: string;
  readonly labelled: number;
  readonly predictions: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly intervals: Readonly<Record<string, Interval>>;
  readonly slices: readonly SliceQuality[];
  readonly slicesLeftOut: readonly { readonly attribute: string; readonly slices: number; readonly rows: number }[];
  readonly gates: readonly QualityGateResult[];
}

/**
 * Measures the labelled predictions of windows as validation measures a hold-out, and judges the gates.
 *
 * @param seed the same gives the same intervals
 */
export function evaluateWindow(
  windows: readonly LabelledPredictions[],
  problem: Problem,
  gates: readonly QualityGate[],
  seed: number,
): WindowQuality {
  const { sample, attributes } = labelledSample(windows, problem);
  const labelled = sample.truth.length;
  const predictions = windows.reduce((sum, window) => sum + window.predictions, 0);
  const wanted = [...new Set([FIRST_METRIC[problem.type] as string, ...gates.map(({ metric }) => metric)])];
  const metrics = labelled === 0 ? {} : measureAll(sample, problem);
  const judged = gates.map((gate) => judgeQualityGate(gate, sample, problem, seed));
  const slices = [...attributes].flatMap(([attribute, values]) =>
    countedSlices(values)
      .filter(([value]) => value !== '')
      .map(([value, rows]): SliceQuality => {
        const part = subsample(sample, rows);
        return {
          attribute,
          value,
          rows: rows.length,
          metrics: measureAll(part, problem),
          intervals: intervalsOf(part, problem, wanted, seed),
        };
      }),
  );
  return {
    ...verdictOf(judged, labelled),
    labelled,
    predictions,
    metrics,
    intervals: labelled === 0 ? {} : intervalsOf(sample, problem, wanted, seed),
    slices,
    slicesLeftOut: [...attributes].flatMap(([attribute, values]) => leftOut(attribute, values, slices)),
    gates: judged,
  };
}

function verdictOf(
  gates: readonly QualityGateResult[],
  labelled: number,
): { readonly verdict: QualityVerdict; readonly why: string } {
  const least = leastLabelled(gates);
  const judged = gates.filter(({ verdict }) => verdict !== 'InsufficientLabels');
  if (labelled < least || (gates.length > 0 && judged.length === 0))
    return { verdict: 'InsufficientLabels', why: `${labelled} labelled predictions; ${least} are needed` };
  const failed = judged.filter(({ verdict }) => verdict === 'Failed');
  if (failed.length > 0) return { verdict: 'Failed', why: failed.map(gateInWords).join('; ') };
  const missed = judged.filter(({ verdict }) => verdict === 'Doubtful');
  if (missed.length > 0)
    return { verdict: 'Passed', why: `${missed.map(gateInWords).join('; ')}: not more than chance could explain` };
  const why = gates.length === 0 ? 'measured; no gate is defined' : judged.map(gateInWords).join('; ');
  return { verdict: 'Passed', why };
}

/** Labelled predictions that are enough for one gate at least. */
export const leastLabelled = (gates: readonly Pick<QualityGate, 'minRows'>[]): number =>
  gates.length === 0 ? LEAST_LABELLED : Math.min(...gates.map(({ minRows }) => minRows));

/** `auc 0.5120 (0.4710 to 0.5530), at least 0.55 is needed` */
export const gateInWords = ({ metric, measured, needed }: QualityGateResult): string =>
  measured
    ? `${metric} ${show(measured.value)} (${show(measured.low)} to ${show(measured.high)}), ${needed} is needed`
    : `${metric} is undefined on these labels, ${needed} is needed`;

const show = (value: number): string => value.toFixed(4);

function judgeQualityGate(gate: QualityGate, sample: Sample, problem: Problem, seed: number): QualityGateResult {
  const { metric, atLeast, atMost, minRows } = gate;
  const needed = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  const result = { metric, needed, minRows, beyondDoubt: false };
  if (sample.truth.length < minRows) return { ...result, verdict: 'InsufficientLabels', measured: null };
  const resampled = resamplesOf(sample, problem, metric, seed);
  if (!resampled) return { ...result, verdict: 'Undefined', measured: null };
  const { measured, limit } = resampled;
  const misses = (value: number) => (atMost === undefined ? value < atLeast! : value > atMost);
  if (!misses(measured.value)) return { ...result, verdict: 'Passed', measured };
  const isSure = misses(limit(lowerIsBetter(metric) ? 0.05 : 0.95));
  // Resamples reach no further than a few standard errors: beyond them the normal law has to do.
  const far = Math.abs(measured.value - (atLeast ?? atMost!)) > 3.09 * measured.standardError;
  return { ...result, verdict: isSure ? 'Failed' : 'Doubtful', measured, beyondDoubt: isSure && far };
}

function intervalsOf(sample: Sample, problem: Problem, metrics: readonly string[], seed: number) {
  const found: Record<string, Interval> = {};
  for (const metric of metrics) {
    const resampled = resamplesOf(sample, problem, metric, seed);
    if (resampled) found[metric] = resampled.measured;
  }
  return found;
}

/** @returns undefined where the measure is not defined on the sample, or on hardly any resample of it */
function resamplesOf(
  sample: Sample,
  problem: Problem,
  metric: string,
  seed: number,
): { readonly measured: Interval; readonly limit: (q: number) => number } | undefined {
  const measure = metricNamed(metric, problem.type);
  const rows = sample.truth.length;
  if (rows === 0) return undefined;
  const value = measure(sample, onceEach(rows), problem);
  if (!Number.isFinite(value)) return undefined;
  const step = Math.ceil(rows / MOST_RESAMPLED);
  const part = step === 1 ? sample : subsample(sample, everyNth(rows, step));
  const size = part.truth.length;
  const replicates = Math.max(200, Math.min(RESAMPLES, Math.floor(BUDGET / size)));
  const values = bootstrap(size, (weights) => measure(part, weights, problem), seededRandom(seed), replicates);
  const error = standardError(values);
  if (!Number.isFinite(error)) return undefined;
  const centre = step === 1 ? value : measure(part, onceEach(size), problem);
  const narrower = Math.sqrt(size / rows);
  const limit = (q: number) => value + (quantile(values, q) - centre) * narrower;
  return { measured: { value, standardError: error * narrower, low: limit(0.025), high: limit(0.975) }, limit };
}

const everyNth = (rows: number, step: number): number[] =>
  Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step);

function leftOut(attribute: string, values: readonly string[], slices: readonly SliceQuality[]) {
  const all = slicesOf(values).size;
  const counted = slices.filter((slice) => slice.attribute === attribute);
  const rows = values.length - counted.reduce((sum, slice) => sum + slice.rows, 0);
  return all > counted.length ? [{ attribute, slices: all - counted.length, rows }] : [];
}

/** All windows as one sample, and the values of their attributes. */
function labelledSample(windows: readonly LabelledPredictions[], problem: Problem) {
  const joined = (columns: readonly Float64Array[]): Float64Array => {
    const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const column of columns) {
      all.set(column, at);
      at += column.length;
    }
    return all;
  };
  const truth = joined(windows.map((window) => window.truth));
  const score = (k: number) => joined(windows.map(({ scores }) => scores[k]!));
  const names = [...new Set(windows.flatMap(({ attributes }) => [...attributes.keys()]))];
  const attributes = names.map((name) => {
    const unknown = (rows: number) => new Array<string>(rows).fill('');
    return [name, windows.flatMap((window) => window.attributes.get(name) ?? unknown(window.truth.length))] as const;
  });
  const sample = problem.classes
    ? multiclassSampleOf(
        truth,
        problem.classes.map((_, k) => score(k)),
      )
    : sampleOf(truth, score(0));
  return { sample, attributes: new Map<string, readonly string[]>(attributes) };
}
