import type { ChangedDecisions } from '../evaluation/changed-decisions.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { count, listed, percent } from './measured-words.ts';

const MOST_SEGMENTS = 3;
const MOST_MOVES = 3;

/** How many decisions change were the candidate to serve, to what, and for whom most. */
export function changesInWords(changed: ChangedDecisions | undefined, { problem }: ModelDefinition): string[] {
  if (!changed || changed.rows === 0) return [];
  const share = `${count(changed.changed)} of ${count(changed.rows)} decisions change (${percent(changed.changed, changed.rows)})`;
  if (changed.changed === 0) return ['No decision changes.'];
  const { toPositive, toNegative } = changed;
  const to = problem.classes
    ? `${count(toPositive)} become right, ${count(toNegative)} wrong`
    : `${count(toPositive)} become ${problem.target} = ${problem.positiveClass ?? '1'}, ${count(toNegative)} no longer are`;
  return [`${share}: ${to}.`, ...segments(changed), ...moves(changed, problem.classes ?? [])];
}

/** Those in which a larger share changes than overall. */
function segments({ segments: all = [], changed, rows }: ChangedDecisions): string[] {
  const most = all.filter((one) => one.changed / one.rows > changed / rows).slice(0, MOST_SEGMENTS);
  if (most.length === 0) return [];
  const words = most.map(
    (one) =>
      `${one.attribute} = ${one.value} (${count(one.changed)} of ${count(one.rows)}, ${percent(one.changed, one.rows)})`,
  );
  return [`Most for ${listed(words)}.`];
}

function moves({ moves: all = [] }: ChangedDecisions, classes: readonly string[]): string[] {
  if (all.length === 0) return [];
  const name = (index: number) => classes[index] ?? String(index);
  const words = all
    .slice(0, MOST_MOVES)
    .map(({ from, to, rows }) => `${name(from)} becomes ${name(to)} (${count(rows)})`);
  return [`Most often ${listed(words)}.`];
}
