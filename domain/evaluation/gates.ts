import type { Gate, Problem } from '../model-definition.ts';
import type { GateResult } from '../release.ts';
import { bootstrap, quantile, standardError } from './bootstrap.ts';
import { measureAll, metricNamed } from './measure.ts';
import { lowerIsBetter } from './metric-names.ts';
import { seededRandom } from './random.ts';
import { onceEach, type Sample, subsample } from './sample.ts';

/** What the gates are judged on. */
export interface Evidence {
  readonly problem: Problem;
  readonly candidate: Sample;
  readonly champion: ChampionEvidence;
  /** Values per row of each attribute. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly seed: number;
}

export type ChampionEvidence =
  /** The model's first version: nothing serves. */
  | { readonly kind: 'none' }
  | { readonly kind: 'notComparable'; readonly version: number; readonly why: string }
  /** Both models' scores on the rows that neither was trained on, in the same order. */
  | { readonly kind: 'comparable'; readonly version: number; readonly candidate: Sample; readonly champion: Sample };

/** Fewer shared rows than this decide nothing. */
export const MIN_COMPARED_ROWS = 100;

export function judgeGate(gate: Gate, evidence: Evidence): GateResult {
  if (gate.versusChampion !== undefined) return judgeAgainstChampion(gate, evidence);
  return gate.slice === undefined ? judgeAbsolute(gate, evidence) : judgeSlices(gate, evidence);
}

/** A release goes on unless a gate failed; what could not be compared is the approver's to accept. */
export const gatesPass = (results: readonly GateResult[]): boolean =>
  results.every(({ verdict }) => verdict !== 'Failed');

const bar = (gate: Gate): string => (gate.atMost === undefined ? `at least ${gate.atLeast}` : `at most ${gate.atMost}`);

const meets = (gate: Gate, value: number): boolean =>
  gate.atMost === undefined ? value >= gate.atLeast! : value <= gate.atMost;

function judgeAbsolute(gate: Gate, { problem, candidate }: Evidence): GateResult {
  const value = metricNamed(gate.metric, problem.type)(candidate, onceEach(candidate.truth.length), problem);
  const needed = bar(gate);
  if (!Number.isFinite(value)) return undefinedHere(gate, needed);
  const verdict = meets(gate, value) ? 'Passed' : 'Failed';
  const why = `${gate.metric} is ${show(value)} on ${candidate.truth.length} held-out rows; ${needed} is needed.`;
  return { metric: gate.metric, verdict, measured: value, needed, why };
}

const undefinedHere = (gate: Gate, needed: string): GateResult => ({
  metric: gate.metric,
  verdict: 'Failed',
  measured: null,
  needed,
  why: `${gate.metric} is not defined for these scores: it needs probabilities from 0 to 1, or answers that differ.`,
});

/** `notWorse`: the lower confidence bound of the improvement is ≥ −margin; `better`: it is > 0. */
function judgeAgainstChampion(gate: Gate, { problem, champion, seed }: Evidence): GateResult {
  const { metric, versusChampion, margin = 0, confidence = 0.95 } = gate;
  const needed =
    versusChampion === 'better'
      ? `better than the champion with ${percent(confidence)} confidence`
      : `not worse than the champion by more than ${margin} with ${percent(confidence)} confidence`;
  if (champion.kind === 'none') {
    return {
      metric,
      verdict: 'Passed',
      measured: null,
      needed,
      why: 'This is the first version: it has no champion to compare with.',
    };
  }
  if (champion.kind === 'notComparable') {
    return { metric, verdict: 'NotComparable', measured: null, needed, why: champion.why };
  }
  const rows = champion.candidate.truth.length;
  const measure = metricNamed(metric, problem.type);
  const improvement = (weights: Uint32Array) =>
    (lowerIsBetter(metric) ? -1 : 1) *
    (measure(champion.candidate, weights, problem) - measure(champion.champion, weights, problem));
  const point = improvement(onceEach(rows));
  if (!Number.isFinite(point)) return undefinedHere(gate, needed);
  const replicates = bootstrap(rows, improvement, seededRandom(seed));
  const lower = quantile(replicates, 1 - confidence);
  const passed = versusChampion === 'better' ? lower > 0 : lower >= -margin;
  const why =
    `${metric} is ${show(Math.abs(point))} ${point < 0 ? 'worse' : 'better'} than version ${champion.version}'s on the same ${rows} rows ` +
    `(standard error ${show(standardError(replicates))}; at ${percent(confidence)} confidence at least ${show(lower)}).`;
  return { metric, verdict: passed ? 'Passed' : 'Failed', measured: point, needed, why };
}

/** One slice with enough rows of the hold-out. */
export interface SliceResult {
  readonly attribute: string;
  readonly value: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Row numbers per value of an attribute. */
function slicesOf(values: readonly string[]): Map<string, number[]> {
  const slices = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = slices.get(value);
    if (rows) rows.push(row);
    else slices.set(value, [row]);
  }
  return slices;
}

/** Every slice of every attribute with at least `minRows` rows, largest first; at most `limit` per attribute. */
export function measureSlices(evidence: Evidence, minRows = 50, limit = 50): SliceResult[] {
  return [...evidence.attributes].flatMap(([attribute, values]) =>
    [...slicesOf(values)]
      .filter(([, rows]) => rows.length >= minRows)
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, limit)
      .map(([value, rows]) => ({
        attribute,
        value,
        rows: rows.length,
        metrics: measureAll(subsample(evidence.candidate, rows), evidence.problem),
      })),
  );
}

/** Fails only where a slice is surely below the bar: its confidence limit on the good side does not reach it. */
function judgeSlices(gate: Gate, { problem, candidate, attributes, seed }: Evidence): GateResult {
  const { metric, slice = '', minRows = 200, confidence = 0.95 } = gate;
  const needed = `${bar(gate)} in every slice of ${slice} with at least ${minRows} rows, at ${percent(confidence)} confidence`;
  const slices = [...slicesOf(attributes.get(slice) ?? [])].filter(([, rows]) => rows.length >= minRows);
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
    const why = `No slice of ${slice} has ${minRows} rows of the hold-out on which ${metric} is defined.`;
    return { metric, verdict: 'NotComparable', measured: null, needed, why };
  }
  const worst = judged.toSorted((a, b) => (gate.atMost === undefined ? a.limit - b.limit : b.limit - a.limit))[0]!;
  const failing = judged.filter(({ below }) => below);
  const why =
    `${failing.length} of ${judged.length} slices of ${slice} ${failing.length === 1 ? 'is' : 'are'} surely beyond the bar; ` +
    `the weakest, "${worst.value.slice(0, 60)}" (${worst.rows} rows), has ${metric} ${show(worst.point)}, at best ${show(worst.limit)}.`;
  return { metric, verdict: failing.length > 0 ? 'Failed' : 'Passed', measured: worst.point, needed, why };
}

const show = (value: number): string => value.toFixed(4);

const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(1))} %`;
