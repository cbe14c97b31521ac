import { type Random, seededRandom } from './random.ts';

/** How the hold-out is copied for permutation importance: features × repeats × rows in one file. */
export interface CopyPlan {
  /** Rows of the hold-out that are copied. */
  readonly rows: number;
  /** Copies per feature, each permuted in its own way. */
  readonly repeats: number;
}

const MOST_REPEATS = 5;
/** Fewer rows tell nothing of a feature. */
const LEAST_ROWS = 100;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * As many rows, and then as many repeats, as the limits allow.
 *
 * @param maxRows of all copies together; 0 where importance is not asked for
 * @returns why there is nothing to copy, otherwise the plan
 */
export function planCopies(
  holdout: { readonly rows: number; readonly bytes: number },
  features: number,
  maxRows: number,
): CopyPlan | { readonly why: string } {
  if (maxRows === 0) return { why: 'validation.importanceRows is 0.' };
  const bytesPerRow = holdout.bytes / Math.max(1, holdout.rows);
  const allowed = Math.min(maxRows, Math.floor(MOST_BYTES / Math.max(1, bytesPerRow)));
  const rows = Math.min(holdout.rows, Math.floor(allowed / features));
  if (rows < Math.min(LEAST_ROWS, holdout.rows)) {
    return {
      why: `${features} features leave ${rows} rows each within ${allowed.toLocaleString('en')} (validation.importanceRows, 32 MB); at least ${LEAST_ROWS} are needed.`,
    };
  }
  return { rows, repeats: Math.max(1, Math.min(MOST_REPEATS, Math.floor(allowed / (rows * features)))) };
}

/**
 * Which rows are copied: a random sample in the order of the file, the same for the same seed.
 *
 * @param of rows in all
 * @see Knuth, The art of computer programming 2, 3.4.2, algorithm S
 */
export function* rowsToCopy(of: number, { rows }: CopyPlan, seed: number): Generator<number> {
  const random = seededRandom(seed);
  let wanted = rows;
  for (let row = 0; row < of && wanted > 0; row++) {
    if (random() * (of - row) < wanted) {
      wanted -= 1;
      yield row;
    }
  }
}

/** The stacked copies, row by row: the first feature's repeats, the second's, … ; each keeps all other cells as they are. */
export function* permutedRows(
  rows: readonly (readonly string[])[],
  { repeats }: CopyPlan,
  seed: number,
): Generator<readonly string[]> {
  const features = rows[0]?.length ?? 0;
  for (let copy = 0; copy < features * repeats; copy++) {
    const feature = Math.floor(copy / repeats);
    const dealt = shuffled(rows.length, seededRandom(seed + copy + 1));
    for (const [i, row] of rows.entries()) yield row.with(feature, rows[dealt[i]!]![feature]!);
  }
}

/** Fisher–Yates. */
function shuffled(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
