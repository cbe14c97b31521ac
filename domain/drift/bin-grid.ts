import type { Edges } from './quantile.ts';

const CELLS = 4_096;

/**
 * Finds the bin of a value as `binIndex` does, mostly without a search: a regular grid over the edges says between which two
 * bins the value must lie, usually the same one or its neighbour.
 *
 * The cell of a value is monotone in it (a rounded difference and a rounded product are), so an edge in an earlier cell is
 * never above the value and one in a later cell never at or below it: the answer is exact whatever was rounded.
 */
export class BinGrid {
  readonly edges: Float64Array;
  readonly #low: number;
  /** Cells per unit; 0 where the edges span nothing, or more than a double holds: then one cell has them all. */
  readonly #scale: number;
  /** Edges in cells before this one; CELLS + 2 entries, so that the last cell has an end as well. */
  readonly #before: Uint16Array;

  /** @param edges ascending and distinct, as atomEdges gives them */
  constructor(edges: Edges) {
    this.edges = Float64Array.from([...edges, Number.POSITIVE_INFINITY]);
    this.#low = edges[0] ?? 0;
    const scale = CELLS / ((edges.at(-1) ?? 0) - this.#low);
    this.#scale = Number.isFinite(scale) ? scale : 0;
    this.#before = new Uint16Array(CELLS + 2);
    for (const edge of edges) this.#before[this.#cellOf(edge) + 1]! += 1;
    for (let cell = 1; cell < this.#before.length; cell++) this.#before[cell]! += this.#before[cell - 1]!;
  }

  /** @param value finite */
  binOf(value: number): number {
    const cell = this.#cellOf(value);
    const low = this.#before[cell]!;
    const high = this.#before[cell + 1]!;
    // Without a branch where a cell has one edge or none, as nearly all have: the next edge is never above what it holds.
    return high - low < 2 ? low + Number(this.edges[low]! <= value) : this.#search(low, high, value);
  }

  #search(from: number, to: number, value: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.edges[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** 0 … CELLS; NaN, which 0 · ∞ gives, is in cell 0 with all the edges there are. */
  #cellOf(value: number): number {
    const at = (value - this.#low) * this.#scale;
    return at >= CELLS ? CELLS : at > 0 ? at | 0 : 0;
  }
}
