import type { Problem } from '../model-definition.ts';
import type { Sample } from './sample.ts';
import { countedSlices } from './slices.ts';

/** How many decisions would change, were the candidate to serve. */
export interface ChangedDecisions extends DecisionCounts {
  /** The same within each value of an attribute that has rows enough, most changed first. Absent in evaluations of before. */
  readonly segments?: readonly (DecisionCounts & { readonly attribute: string; readonly value: string })[];
  /** Multiclass only: the most frequent changes, as class numbers. */
  readonly moves?: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
}

interface DecisionCounts {
  readonly rows: number;
  readonly changed: number;
  /** Binary classification: what becomes positive, and what no longer is; multiclass: what becomes right, and wrong. */
  readonly toPositive: number;
  readonly toNegative: number;
}

const MOST_SEGMENTS = 60;
const MOST_MOVES = 10;

/**
 * Compares what both models decide on the same rows. It is about what people will notice, not about who is right, so rows that
 * the champion was trained on count too.
 *
 * @param champion scores for the same rows in the same order
 */
export function changedDecisions(
  candidate: Sample,
  champion: Sample,
  problem: Problem,
  attributes: ReadonlyMap<string, readonly string[]>,
): ChangedDecisions {
  const decide = (score: number) => (problem.classes ? score : Number(score >= problem.decisionThreshold));
  const then = candidate.scores.map(decide);
  const now = champion.scores.map(decide);
  const counts = (rows: Iterable<number>) => count(then, now, problem.classes ? candidate.truth : undefined, rows);
  const segments = [...attributes].flatMap(([attribute, values]) =>
    countedSlices(values).map(([value, rows]) => ({ attribute, value, ...counts(rows) })),
  );
  return {
    ...counts(then.keys()),
    segments: segments.sort((a, b) => b.changed / b.rows - a.changed / a.rows).slice(0, MOST_SEGMENTS),
    ...(problem.classes && { moves: movesOf(then, now) }),
  };
}

/** @param truth multiclass: changes are told as right and wrong, since there is no one positive class */
function count(
  then: Float64Array,
  now: Float64Array,
  truth: Float64Array | undefined,
  rows: Iterable<number>,
): DecisionCounts {
  const counts = { rows: 0, changed: 0, toPositive: 0, toNegative: 0 };
  for (const row of rows) {
    counts.rows += 1;
    if (then[row] === now[row]) continue;
    counts.changed += 1;
    if (then[row] === (truth ? truth[row] : 1)) counts.toPositive += 1;
    if (now[row] === (truth ? truth[row] : 1)) counts.toNegative += 1;
  }
  return counts;
}

function movesOf(then: Float64Array, now: Float64Array): NonNullable<ChangedDecisions['moves']> {
  const moves = new Map<string, { from: number; to: number; rows: number }>();
  for (const [row, to] of then.entries()) {
    const from = now[row]!;
    if (from === to) continue;
    const move = moves.get(`${from} ${to}`) ?? { from, to, rows: 0 };
    move.rows += 1;
    moves.set(`${from} ${to}`, move);
  }
  return [...moves.values()].sort((a, b) => b.rows - a.rows).slice(0, MOST_MOVES);
}
