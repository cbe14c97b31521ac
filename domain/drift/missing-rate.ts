import { normalTwoSidedTail } from './special-functions.ts';

export interface MissingRate {
  /** Share of rows without a value; null where there are no rows. */
  readonly baseline: number | null;
  readonly current: number | null;
  readonly z: number | null;
  /** Two-sided. */
  readonly pValue: number | null;
}

/**
 * Pooled two-proportion z test of the share of missing values: z = (q − p) / √(r (1 − r) (1/n + 1/m)), r the pooled share.
 *
 * @param baseline missing rows and all rows
 * @param current missing rows and all rows
 * @returns z = 0 and p = 1 where nothing or everything is missing on both sides; null where a side has no rows
 * @see Agresti (2002), Categorical Data Analysis, 3.1
 */
export function missingRate(
  baseline: { readonly missing: number; readonly rows: number },
  current: { readonly missing: number; readonly rows: number },
): MissingRate {
  const p = baseline.rows === 0 ? null : baseline.missing / baseline.rows;
  const q = current.rows === 0 ? null : current.missing / current.rows;
  if (p === null || q === null) return { baseline: p, current: q, z: null, pValue: null };
  const pooled = (baseline.missing + current.missing) / (baseline.rows + current.rows);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / baseline.rows + 1 / current.rows));
  const z = error === 0 ? 0 : (q - p) / error;
  return { baseline: p, current: q, z, pValue: normalTwoSidedTail(z) };
}
