import type { FairnessGate, Problem } from '../model-definition.ts';
import type { GateResult } from '../step-results.ts';
import { bootstrap, quantile } from './bootstrap.ts';
import { seededRandom } from './random.ts';
import { onceEach, type Sample, type Weights } from './sample.ts';
import { shareInterval } from './share-interval.ts';

/** Resamples of a fairness gate: the groups are counted, so they are cheap. */
const REPLICATES = 1000;

/** A fairness measure with what it was made of. */
export interface FairnessResult {
  readonly attribute: string;
  readonly metric: FairnessGate['metric'];
  readonly value: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
  /** Share of positive decisions, or recall; lowest first. */
  readonly groups: readonly GroupRate[];
}

interface GroupRate {
  readonly group: string;
  readonly rows: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Weighted counts of one group's decisions. */
interface GroupCounts {
  rows: number;
  selected: number;
  positives: number;
  found: number;
}

/**
 * Judges how decisions differ between the groups of an attribute. As slices, it fails only where a group is surely beyond the
 * bar: the confidence limit on the good side does not reach it.
 *
 * `disparate-impact`: the lowest share of positive decisions, relative to the highest (the "four fifths rule" asks for 0.8).
 * `equal-opportunity-difference`: the largest difference of recall between two groups.
 *
 * @see Feldman et al. (2015), Certifying and removing disparate impact; Hardt et al. (2016), Equality of opportunity
 */
export function judgeFairness(
  gate: FairnessGate,
  problem: Pick<Problem, 'decisionThreshold'>,
  sample: Sample,
  values: readonly string[],
  seed: number,
): { readonly gate: GateResult; readonly result?: FairnessResult } {
  const { attribute, metric, atLeast, atMost, minRows, confidence } = gate;
  const name = `${metric} of ${attribute}`;
  const needed = `${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} between groups of at least ${minRows} rows, at ${Number((confidence * 100).toFixed(1))} % confidence`;
  const groups = groupsOf(values, minRows);
  if (groups.size < 2) {
    const why = `${groups.size === 0 ? 'No group' : 'Only one group'} of ${attribute} has ${minRows} rows of the hold-out.`;
    return { gate: { metric: name, verdict: 'NotComparable', measured: null, needed, why, reason: 'GroupsTooSmall' } };
  }
  const measure = (weights: Weights) => MEASURES[metric](count(groups, sample, problem.decisionThreshold, weights));
  const rows = sample.truth.length;
  const point = measure(onceEach(rows));
  if (!Number.isFinite(point.value)) {
    const why = `${metric} is not defined: no group ${metric === 'disparate-impact' ? 'gets a positive decision' : 'has a positive answer'}.`;
    return { gate: { metric: name, verdict: 'NotComparable', measured: null, needed, why, reason: 'NoRates' } };
  }
  const replicates = bootstrap(rows, (weights) => measure(weights).value, seededRandom(seed), REPLICATES);
  const limit = quantile(replicates, atLeast === undefined ? 1 - confidence : confidence);
  const failed = atLeast === undefined ? limit > atMost! : limit < atLeast;
  const why = `${name} is ${point.value.toFixed(4)} between "${point.low}" and "${point.high}"; at best ${limit.toFixed(4)}, over ${groups.size} groups.`;
  return {
    gate: { metric: name, verdict: failed ? 'Failed' : 'Passed', measured: point.value, needed, why },
    result: {
      attribute,
      metric,
      value: point.value,
      low: quantile(replicates, 0.025),
      high: quantile(replicates, 0.975),
      groups: ratesOf(metric, count(groups, sample, problem.decisionThreshold, onceEach(rows))),
    },
  };
}

/** @param counts of each row once */
const ratesOf = (metric: FairnessGate['metric'], counts: ReadonlyMap<string, GroupCounts>): GroupRate[] =>
  [...counts]
    .map(([group, { rows, selected, positives, found }]) => {
      const [part, whole] = metric === 'disparate-impact' ? [selected, rows] : [found, positives];
      return { group: group.slice(0, 60), rows: whole, rate: part / whole, ...shareInterval(part, whole) };
    })
    .filter(({ rate }) => Number.isFinite(rate))
    .sort((a, b) => a.rate - b.rate);

/** Row numbers of each group with rows enough. */
function groupsOf(values: readonly string[], minRows: number): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = groups.get(value);
    if (rows) rows.push(row);
    else groups.set(value, [row]);
  }
  return new Map([...groups].filter(([, rows]) => rows.length >= minRows));
}

function count(
  groups: ReadonlyMap<string, readonly number[]>,
  { truth, scores }: Sample,
  threshold: number,
  weights: Weights,
): Map<string, GroupCounts> {
  const counts = new Map<string, GroupCounts>();
  for (const [group, rows] of groups) {
    const of = { rows: 0, selected: 0, positives: 0, found: 0 };
    for (const row of rows) {
      const weight = weights[row]!;
      const selected = scores[row]! >= threshold;
      of.rows += weight;
      if (selected) of.selected += weight;
      if (truth[row] === 1) of.positives += weight;
      if (truth[row] === 1 && selected) of.found += weight;
    }
    counts.set(group, of);
  }
  return counts;
}

interface Measured {
  readonly value: number;
  readonly low: string;
  readonly high: string;
}

/** Lowest and highest rate among the groups where it is defined. */
function extremes(
  counts: ReadonlyMap<string, GroupCounts>,
  rate: (of: GroupCounts) => number,
  value: (low: number, high: number) => number,
): Measured {
  const rates = [...counts]
    .map(([group, of]) => ({ group: group.slice(0, 60), rate: rate(of) }))
    .filter((one) => Number.isFinite(one.rate))
    .sort((a, b) => a.rate - b.rate);
  const [low, high] = [rates[0], rates.at(-1)];
  if (!low || !high || rates.length < 2) return { value: Number.NaN, low: '', high: '' };
  return { value: value(low.rate, high.rate), low: low.group, high: high.group };
}

const MEASURES: Readonly<Record<FairnessGate['metric'], (counts: ReadonlyMap<string, GroupCounts>) => Measured>> = {
  'disparate-impact': (counts) =>
    extremes(
      counts,
      ({ selected, rows }) => selected / rows,
      (low, high) => low / high,
    ),
  'equal-opportunity-difference': (counts) =>
    extremes(
      counts,
      ({ found, positives }) => found / positives,
      (low, high) => high - low,
    ),
};
