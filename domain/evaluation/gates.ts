import type { Gate, Problem } from '../model-definition.ts';
import type { GateResult } from '../step-results.ts';
import { bootstrap, quantile, standardError } from './bootstrap.ts';
import { metricNamed } from './measure.ts';
import { customName, isMetric, lowerIsBetter } from './metric-names.ts';
import { seededRandom } from './random.ts';
import { resolutionOf, whatResolves } from './resolution.ts';
import { onceEach, type Sample, subsample } from './sample.ts';
import { slicesOf } from './slices.ts';
import { UNDEFINED_IN_WORDS, undefinedBecause } from './undefined-measure.ts';

/** What the gates are judged on. */
export interface Evidence {
  readonly problem: Problem;
  readonly candidate: Sample;
  readonly champion: ChampionEvidence;
  /** Values per row of each attribute. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly seed: number;
  /** What was not measured on rows: `latencyMsPerRow`, `artifactMb`, `custom:NAME`. */
  readonly reported?: Readonly<Record<string, number>>;
}

export type ChampionEvidence =
  /** The model's first version: nothing serves. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'notComparable';
      readonly version: number;
      readonly reason: NotComparableBecause;
      readonly why: string;
    }
  /** Both models' scores on the rows that neither was trained on, in the same order. */
  | { readonly kind: 'comparable'; readonly version: number; readonly candidate: Sample; readonly champion: Sample };

/** Why a champion cannot be compared with, by name. */
export type NotComparableBecause =
  | 'OtherFeatures'
  | 'HoldOutUnknown'
  | 'OtherSplit'
  | 'ChampionSawHoldOut'
  | 'TooFewSharedRows';

/** Fewer shared rows than this decide nothing. */
export const MIN_COMPARED_ROWS = 100;

export function judgeGate(gate: Gate, evidence: Evidence): GateResult {
  if (!isMetric(gate.metric, evidence.problem.type)) return judgeReported(gate, evidence.reported ?? {});
  if (gate.versusChampion !== undefined) return judgeAgainstChampion(gate, evidence);
  return gate.slice === undefined ? judgeAbsolute(gate, evidence) : judgeSlices(gate, evidence);
}

const bar = (gate: Gate): string => (gate.atMost === undefined ? `at least ${gate.atLeast}` : `at most ${gate.atMost}`);

const meets = (gate: Gate, value: number): boolean =>
  gate.atMost === undefined ? value >= gate.atLeast! : value <= gate.atMost;

function judgeAbsolute(gate: Gate, { problem, candidate }: Evidence): GateResult {
  const value = metricNamed(gate.metric, problem.type)(candidate, onceEach(candidate.truth.length), problem);
  const needed = bar(gate);
  if (!Number.isFinite(value)) return undefinedOn(candidate, gate, problem, needed);
  const verdict = meets(gate, value) ? 'Passed' : 'Failed';
  const why = `${gate.metric} is ${show(value)} on ${candidate.truth.length} held-out rows; ${needed} is needed.`;
  return { metric: gate.metric, verdict, measured: value, needed, why };
}

function judgeReported(gate: Gate, reported: Readonly<Record<string, number>>): GateResult {
  const { metric } = gate;
  const needed = bar(gate);
  const value = Object.hasOwn(reported, metric) ? reported[metric] : undefined;
  if (value === undefined) {
    const reason = customName(metric) === undefined ? 'NotMeasured' : 'NotReported';
    const why = `${metric} is undefined: it ${UNDEFINED_IN_WORDS[reason]}.`;
    return { metric, verdict: 'Undefined', measured: null, needed, why, reason };
  }
  const why = `${metric} is ${Number(value.toPrecision(6))}; ${needed} is needed.`;
  return { metric, verdict: meets(gate, value) ? 'Passed' : 'Failed', measured: value, needed, why };
}

function undefinedOn(sample: Sample, { metric }: Gate, { type }: Problem, needed: string): GateResult {
  const reason = undefinedBecause(metric, sample, type);
  const why = `${metric} is undefined: it ${UNDEFINED_IN_WORDS[reason]}.`;
  return { metric, verdict: 'Undefined', measured: null, needed, why, reason };
}

/** `notWorse`: the lower confidence bound of the improvement is ≥ −margin; `better`: it is > 0. */
function judgeAgainstChampion(gate: Gate, { problem, champion, seed }: Evidence): GateResult {
  const { metric, versusChampion, margin = 0, confidence = 0.95 } = gate;
  const needed =
    versusChampion === 'better'
      ? `better than the champion with ${percent(confidence)} confidence`
      : `not worse than the champion by more than ${margin} with ${percent(confidence)} confidence`;
  if (champion.kind === 'none') {
    const why = 'This is the first version: it has no champion to compare with.';
    return { metric, verdict: 'Passed', measured: null, needed, why, reason: 'NoChampion' };
  }
  if (champion.kind === 'notComparable') {
    const { why, reason } = champion;
    return { metric, verdict: 'NotComparable', measured: null, needed, why, reason };
  }
  const rows = champion.candidate.truth.length;
  const measure = metricNamed(metric, problem.type);
  const improvement = (weights: Uint32Array) =>
    (lowerIsBetter(metric) ? -1 : 1) *
    (measure(champion.candidate, weights, problem) - measure(champion.champion, weights, problem));
  const point = improvement(onceEach(rows));
  if (!Number.isFinite(point)) return undefinedOn(champion.candidate, gate, problem, needed);
  const replicates = bootstrap(rows, improvement, seededRandom(seed));
  const shown = { point, error: standardError(replicates), lower: quantile(replicates, 1 - confidence) };
  const passed = versusChampion === 'better' ? shown.lower > 0 : shown.lower >= -margin;
  const why =
    `${metric} is ${show(Math.abs(point))} ${point < 0 ? 'worse' : 'better'} than version ${champion.version}'s on the same ${rows} rows ` +
    `(standard error ${show(shown.error)}; at ${percent(confidence)} confidence at least ${show(shown.lower)}).`;
  if (passed) return { metric, verdict: 'Passed', measured: point, needed, why };
  const upper = quantile(replicates, confidence);
  return { metric, verdict: 'Failed', measured: point, needed, ...notShown(gate, rows, shown.error, upper, why) };
}

/** A candidate that is surely worse is told from one whose hold-out is too small to show that it is not. */
function notShown(
  { versusChampion, margin = 0, confidence = 0.95 }: Gate,
  rows: number,
  error: number,
  upper: number,
  why: string,
): { readonly why: string; readonly reason: string } {
  if (versusChampion === 'better') return { why, reason: upper < 0 ? 'SurelyWorse' : 'NotShownBetter' };
  if (upper < -margin)
    return { why: `${why} It is worse by more than the margin beyond doubt.`, reason: 'SurelyWorse' };
  const resolution = resolutionOf(error, rows, margin, confidence);
  if (margin >= resolution.marginNeeded) return { why, reason: 'NotShownNotWorse' };
  const passing = `of equal candidates ${percent(Number(resolution.passing.toFixed(3)))} would pass`;
  return {
    why: `${why} This hold-out cannot resolve a margin of ${margin}: ${passing}. What would: ${whatResolves(resolution)}.`,
    reason: 'MarginNotResolved',
  };
}

/** Fails only where a slice is surely below the bar: its confidence limit on the good side does not reach it. */
function judgeSlices(gate: Gate, { problem, candidate, attributes, seed }: Evidence): GateResult {
  const { metric, slice = '', minRows = 200, confidence = 0.95 } = gate;
  const needed = `${bar(gate)} in every slice of ${slice} with at least ${minRows} rows, at ${percent(confidence)} confidence`;
  const all = [...slicesOf(attributes.get(slice) ?? [])];
  const slices = all.filter(([, rows]) => rows.length >= minRows);
  const measure = metricNamed(metric, problem.type);
  const judged = slices.flatMap(([value, rows], i) => {
    const sample = subsample(candidate, rows);
    const of = (weights: Uint32Array) => measure(sample, weights, problem);
    const point = of(onceEach(rows.length));
    if (!Number.isFinite(point)) return [];
    const replicates = bootstrap(rows.length, of, seededRandom(seed + i + 1));
    const limit = quantile(replicates, gate.atMost === undefined ? confidence : 1 - confidence);
    return [{ value, rows: rows.length, point, limit, below: !meets(gate, limit) }];
  });
  if (judged.length === 0) {
    const largest = all.reduce((most, [, rows]) => Math.max(most, rows.length), 0);
    const why =
      slices.length === 0
        ? `None of ${all.length} slices of ${slice} has ${minRows} rows of the hold-out; the largest has ${largest}.`
        : `${metric} is defined on none of the ${slices.length} slices of ${slice} that have ${minRows} rows: they hold one class only.`;
    const reason = slices.length === 0 ? 'SliceTooSmall' : 'OneClassOnly';
    return { metric, verdict: 'NotComparable', measured: null, needed, why, reason };
  }
  const worst = judged.toSorted((a, b) => (gate.atMost === undefined ? a.limit - b.limit : b.limit - a.limit))[0]!;
  const failing = judged.filter(({ below }) => below);
  const left = all.length - judged.length;
  const why =
    `${failing.length} of ${judged.length} slices of ${slice} ${failing.length === 1 ? 'is' : 'are'} surely beyond the bar; ` +
    `the weakest, "${worst.value.slice(0, 60)}" (${worst.rows} rows), has ${metric} ${show(worst.point)}, at best ${show(worst.limit)}.` +
    (left > 0 ? ` ${left} more ${left === 1 ? 'slice is' : 'slices are'} too small to be judged.` : '');
  return { metric, verdict: failing.length > 0 ? 'Failed' : 'Passed', measured: worst.point, needed, why };
}

const show = (value: number): string => value.toFixed(4);

const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(1))} %`;
