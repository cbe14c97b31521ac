import type { ModelDefinition } from '../model-definition.ts';
import type { HoldOut } from '../step-results.ts';
import type { HashFraction } from '../tabular/split-dataset.ts';
import type { NotComparableBecause } from './gates.ts';

/** Whether one can answer the other's rows: columns are read by position, so name, type and order must be the same. */
export const sameFeatures = (a: Pick<ModelDefinition, 'features'>, b: Pick<ModelDefinition, 'features'>): boolean =>
  a.features.length === b.features.length &&
  a.features.every(({ name, type }, i) => name === b.features[i]!.name && type === b.features[i]!.type);

/**
 * Rows of the candidate's hold-out that the champion was not trained on either.
 *
 * Split by id hash (salted by the model's name, so alike in every version): the rows whose hash is below the champion's fraction.
 * The user's own test file: all, where it is the same file. Split by time: all, where the candidate's hold-out begins no earlier
 * than the champion's.
 *
 * @returns row numbers, or why no row can be known to be unseen
 */
export function rowsUnseenByBoth(
  model: string,
  rowIds: readonly string[],
  candidate: HoldOut | undefined,
  champion: HoldOut | undefined,
  hashFraction: HashFraction,
): { readonly rows: readonly number[] } | { readonly why: string; readonly reason: NotComparableBecause } {
  if (!candidate || !champion) {
    return {
      reason: 'HoldOutUnknown',
      why: 'It is not recorded how rows were held out: the champion may have been trained on these.',
    };
  }
  if (candidate.kind !== champion.kind) {
    return {
      reason: 'OtherSplit',
      why: `The champion's hold-out was split by ${champion.kind}, this one by ${candidate.kind}: the champion may have been trained on these rows.`,
    };
  }
  if (candidate.kind === 'file') {
    if (candidate.sha256 !== undefined && candidate.sha256 === champion.sha256)
      return { rows: rowIds.map((_id, row) => row) };
    return {
      reason: 'OtherSplit',
      why: 'The champion was held out on another test file: it may have been trained on rows of this one. Keep a test file over versions to compare them.',
    };
  }
  if (candidate.kind === 'id-hash') {
    const rows = rowIds.flatMap((id, row) => (hashFraction(`${model}\n${id}`) < champion.fraction ? [row] : []));
    return { rows };
  }
  if (candidate.from === undefined || champion.from === undefined || candidate.from < champion.from) {
    return {
      reason: 'ChampionSawHoldOut',
      why: `This hold-out begins ${candidate.from ?? 'at an unknown time'}, before the champion's (${champion.from ?? 'unknown'}): the champion was trained on part of it.`,
    };
  }
  return { rows: rowIds.map((_id, row) => row) };
}
