import { chiSquareQuantile, normalTwoSidedTail } from '../drift/special-functions.ts';

/** What a hold-out can tell. */
export interface Resolution {
  /** The share of equal candidates that pass. */
  readonly passing: number;
  /** The least margin that half of all equal candidates pass. */
  readonly marginNeeded: number;
  /** Rows of a hold-out of the same kind that would resolve the margin. */
  readonly rowsNeeded: number;
}

/**
 * Whether `notWorse` by a margin can be shown at all. An equal candidate's difference is about normal around 0, and it passes
 * where difference − z·SE ≥ −margin: half of the time at margin = z·SE.
 *
 * @param error standard error of candidate − champion on the hold-out
 * @param rows of that hold-out
 * @param confidence of the gate, one-sided
 */
export function resolutionOf(error: number, rows: number, margin: number, confidence: number): Resolution {
  const z = normalQuantile(confidence);
  const marginNeeded = z * error;
  return {
    passing: error === 0 ? 1 : normalShare(margin / error - z),
    marginNeeded,
    rowsNeeded: margin === 0 ? Number.POSITIVE_INFINITY : Math.ceil(rows * (marginNeeded / margin) ** 2),
  };
}

/** What would resolve a margin, in words: `a margin of 0.031, or 1,240 rows of hold-out`. */
export function whatResolves({ marginNeeded, rowsNeeded }: Resolution): string {
  const margin = `a margin of ${roundedUp(marginNeeded)}`;
  return Number.isFinite(rowsNeeded)
    ? `${margin}, or ${roundedUp(rowsNeeded).toLocaleString('en')} rows of hold-out`
    : margin;
}

/** To two significant places, so that what is said is enough. */
function roundedUp(value: number): number {
  const scale = 10 ** (1 - Math.floor(Math.log10(value)));
  return Number((Math.ceil(value * scale) / scale).toPrecision(2));
}

/** @param confidence from 0.5 to below 1 */
const normalQuantile = (confidence: number): number =>
  confidence === 0.5 ? 0 : Math.sqrt(chiSquareQuantile(2 * (1 - confidence), 1));

/** Share of a standard normal below `z`. */
const normalShare = (z: number): number => (z < 0 ? normalTwoSidedTail(z) / 2 : 1 - normalTwoSidedTail(z) / 2);
