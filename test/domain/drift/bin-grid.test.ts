import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BinGrid } from '../../../domain/drift/bin-grid.ts';
import { binIndex, nextUp } from '../../../domain/drift/quantile.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** Edges that lie close, far and next to each other. */
const edges = fc
  .array(fc.oneof(finite, fc.integer({ min: -50, max: 50 }), fc.double({ min: 0, max: 1e-3, noNaN: true })), {
    maxLength: 60,
  })
  .chain((values) =>
    fc.boolean().map((atoms) => (atoms ? values.flatMap((value) => [value + 0, nextUp(value)]) : values)),
  )
  .map((values) => [...new Set(values.map((value) => value + 0))].sort((a, b) => a - b));

describe('the grid over the edges of bins', () => {
  it('finds the bin that the edges say, for every value, edge and neighbour of an edge', () => {
    fc.assert(
      fc.property(edges, fc.array(finite, { maxLength: 20 }), (all, values) => {
        const grid = new BinGrid(all);
        const tried = [...values, ...all, ...all.map(nextUp), ...all.map((edge) => -nextUp(-edge) + 0)];
        for (const value of tried.filter(Number.isFinite)) expect(grid.binOf(value)).toBe(binIndex(all, value));
      }),
      { numRuns: 500 },
    );
  });

  it('has one bin where there are no edges', () => {
    expect(new BinGrid([]).binOf(3)).toBe(0);
  });
});
