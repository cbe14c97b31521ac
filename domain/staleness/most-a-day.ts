import type { StalenessRow } from './rows.ts';

/** Each costs a batch transform per version, and what they tell does not change within hours. */
export const MOST_A_DAY = 4;

const DAY_MS = 86_400_000;

/**
 * Why another measurement of a model is not made now.
 *
 * @param earlier the newest first, at least twice as many as there may be in a day
 * @param origin what asks; one that was granted stays so, however often it is announced
 * @returns undefined where it is made
 */
export function whyNotMeasured(
  earlier: readonly Pick<StalenessRow, 'origin' | 'askedAt'>[],
  origin: string,
  at: Date,
): string | undefined {
  if (earlier.some((row) => row.origin === origin)) return undefined;
  const today = earlier.filter(({ askedAt }) => at.getTime() - Date.parse(askedAt) < DAY_MS).slice(0, MOST_A_DAY);
  if (today.length < MOST_A_DAY) return undefined;
  const again = new Date(Date.parse(today.at(-1)!.askedAt) + DAY_MS).toISOString();
  return `its versions were held against each other ${MOST_A_DAY} times within a day, which is the most; again from ${again}, or see the last one: launchway staleness --last`;
}
