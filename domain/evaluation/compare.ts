import type { HoldOut } from '../release.ts';
import type { HashFraction } from '../tabular/split-dataset.ts';
import type { Sample } from './sample.ts';

/** How many decisions would change, were the candidate to serve. */
export interface ChangedDecisions {
  readonly rows: number;
  readonly changed: number;
  readonly toPositive: number;
  readonly toNegative: number;
}

/** @param champion scores for the same rows in the same order */
export function changedDecisions(candidate: Sample, champion: Sample, threshold: number): ChangedDecisions {
  let toPositive = 0;
  let toNegative = 0;
  for (let row = 0; row < candidate.scores.length; row++) {
    const now = champion.scores[row]! >= threshold;
    const then = candidate.scores[row]! >= threshold;
    if (then && !now) toPositive += 1;
    if (now && !then) toNegative += 1;
  }
  return { rows: candidate.scores.length, changed: toPositive + toNegative, toPositive, toNegative };
}

/**
 * Rows of the candidate's hold-out that the champion was not trained on either.
 *
 * Split by id hash (salted by the model's name, so alike in every version): the rows whose hash is below the champion's fraction.
 * Split by time: all, where the candidate's hold-out begins no earlier than the champion's.
 *
 * @returns row numbers, or why no row can be known to be unseen
 */
export function rowsUnseenByBoth(
  model: string,
  rowIds: readonly string[],
  candidate: HoldOut | undefined,
  champion: HoldOut | undefined,
  hashFraction: HashFraction,
): { readonly rows: readonly number[] } | { readonly why: string } {
  if (!candidate || !champion)
    return { why: 'It is not recorded how rows were held out: the champion may have been trained on these.' };
  if (candidate.kind !== champion.kind) {
    return {
      why: `The champion's hold-out was split by ${champion.kind}, this one by ${candidate.kind}: the champion may have been trained on these rows.`,
    };
  }
  if (candidate.kind === 'id-hash') {
    const rows = rowIds.flatMap((id, row) => (hashFraction(`${model}\n${id}`) < champion.fraction ? [row] : []));
    return { rows };
  }
  if (candidate.from === undefined || champion.from === undefined || candidate.from < champion.from) {
    return {
      why: `This hold-out begins ${candidate.from ?? 'at an unknown time'}, before the champion's (${champion.from ?? 'unknown'}): the champion was trained on part of it.`,
    };
  }
  return { rows: rowIds.map((_id, row) => row) };
}
