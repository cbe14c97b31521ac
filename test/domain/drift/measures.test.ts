import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../../domain/drift/adjusted-p-values.ts';
import {
  chiSquareHomogeneity,
  cramersV,
  cramersVCorrected,
  poolSmall,
  scattered,
} from '../../../domain/drift/chi-square.ts';
import * as distances from '../../../domain/drift/distances.ts';
import { ksBounds, ksExact } from '../../../domain/drift/kolmogorov-smirnov.ts';
import { missingRate } from '../../../domain/drift/missing-rate.ts';
import { atomEdges, countBins, nextUp, quantile } from '../../../domain/drift/quantile.ts';
import {
  chiSquareQuantile,
  chiSquareTail,
  gammaQ,
  kolmogorovTail,
  normalTwoSidedTail,
} from '../../../domain/drift/special-functions.ts';
import { wassersteinBounds, wassersteinExact } from '../../../domain/drift/wasserstein.ts';
import { type Random, seededRandom } from '../../../domain/evaluation/random.ts';

const counts = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 })
  .filter((some) => some.some((n) => n > 0));

describe('distances', () => {
  it('have the values worked by hand', () => {
    const [b, c] = [
      [50, 50],
      [80, 20],
    ];
    expect(distances.populationStabilityIndex(b, c)).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 14);
    expect(distances.totalVariationDistance(b, c)).toBeCloseTo(0.3, 15);
    expect(distances.lInfinity(b, c)).toBeCloseTo(0.3, 15);
    expect(distances.lInfinityRobust(b, c)).toBeCloseTo(0.3 - 1.8 * Math.sqrt(0.02), 15);
    expect(distances.jensenShannonDistance([10, 0], [0, 7])).toBe(1);
    expect(distances.hellingerDistance([10, 0], [0, 7])).toBeCloseTo(1, 15);
    expect(distances.kullbackLeibler(b, c)).toBeCloseTo(0.8 * Math.log(1.6) + 0.2 * Math.log(0.4), 14);
  });

  it('do not care which side is which, and are zero between equals', () => {
    const symmetric = [
      distances.populationStabilityIndex,
      distances.jensenShannonDistance,
      distances.hellingerDistance,
      distances.totalVariationDistance,
      distances.lInfinity,
    ];
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        for (const distance of symmetric) {
          expect(distance(a, b)).toBeCloseTo(distance(b, a), 12);
          expect(distance(a, a)).toBe(0);
          expect(distance(a, b)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('refuse other bins, and a side without counts', () => {
    expect(() => distances.populationStabilityIndex([1, 2], [1, 2, 3])).toThrow(RangeError);
    expect(() => distances.lInfinity([1, 2], [0, 0])).toThrow('expected counts on both sides, got 3 and 0');
  });
});

describe('bounds from a histogram', () => {
  const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 80 });

  it('hold the exact D and W1', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const [b, c] = [Float64Array.from(left).sort(), Float64Array.from(right).sort()];
        const edges = atomEdges(b, 5);
        const [ofB, ofC] = [countBins(edges, b), countBins(edges, c)];
        const ks = ksBounds(edges, ofB, ofC);
        // To the last bit: an edge where D is attained is rounded as D is.
        expect(ks.lower).toBeLessThanOrEqual(ksExact(b, c));
        expect(ks.upper).toBeGreaterThanOrEqual(ksExact(b, c));
        const w1 = wassersteinBounds(edges, ofB, ofC, [extent(b), extent(c)]);
        expect(w1.lower).toBeLessThanOrEqual(wassersteinExact(b, c) + 1e-12);
        expect(w1.upper).toBeGreaterThanOrEqual(wassersteinExact(b, c) - 1e-12);
      }),
    );
  });

  it('are equal where every value has a bin of its own', () => {
    expect(ksExact([1, 2, 3], [2, 3, 4])).toBeCloseTo(1 / 3, 15);
    expect(wassersteinExact([1, 2, 3], [2, 3, 4])).toBe(1);
    // Among the least doubles a share of a distance would lose its digits: ⅔ · 3 of them are 2.
    expect(wassersteinExact([0, 3, 6].map(least), [3, 6, 6].map(least))).toBe(least(2));
  });

  const least = (times: number): number => times * Number.MIN_VALUE;

  const extent = (sorted: Float64Array) => ({
    mean: [sorted.reduce((sum, value) => sum + value, 0) / sorted.length, 0] as const,
    min: sorted[0]!,
    max: sorted.at(-1)!,
  });
});

describe('tests of homogeneity', () => {
  it('have the values worked by hand', () => {
    // 2 × 2 of 30/70 and 50/50: (30·100 − 50·100)² / (80·100·100) + (70·100 − 50·100)² / (120·100·100).
    const test = chiSquareHomogeneity([30, 70], [50, 50]);
    expect(test.statistic).toBeCloseTo(4e6 / 8e5 + 4e6 / 1.2e6, 12);
    expect(test.df).toBe(1);
    expect(cramersV(test)).toBeCloseTo(Math.sqrt(25 / 3 / 200), 14);
    const phi = 25 / 3 / 200 - 1 / 199;
    expect(cramersVCorrected(test)).toBeCloseTo(Math.sqrt(phi / (1 - 1 / 199)), 14);
  });

  it('corrects away what many categories reach from sampling alone', () => {
    const baseline = Array.from({ length: 195 }, (_, i) => 20 + (i % 3));
    const current = Array.from({ length: 195 }, (_, i) => 3 + ((i * 7) % 5));
    const test = chiSquareHomogeneity(baseline, current);
    expect(cramersV(test)).toBeGreaterThan(0.1);
    expect(cramersVCorrected(test)).toBeLessThan(0.05);
  });

  it('pools until every expected count is at least 5, and loses no row', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const pooled = poolSmall(a, b);
        expect(distances.total(pooled.baseline)).toBe(distances.total(a));
        expect(distances.total(pooled.current)).toBe(distances.total(b));
        if (pooled.baseline.length > 1) {
          expect(chiSquareHomogeneity(pooled.baseline, pooled.current).minExpected).toBeGreaterThanOrEqual(5);
        }
      }),
    );
  });

  it('pools the smallest first, each pool as soon as it is large enough, and what is left into the last', () => {
    // 40 and 40 rows: 10 in both make an expected 5. By totals 3, 4, 4, 5 | 6, 7 | 9, with 3 + 4 + 4 = 11 and 5 + 6 = 11; 7 + 9; 42.
    expect(poolSmall([0, 4, 0, 5, 3, 7, 0, 21], [3, 0, 4, 0, 3, 0, 9, 21])).toEqual({
      baseline: [4, 8, 7, 21],
      current: [7, 3, 9, 21],
    });
    expect(poolSmall([1, 0, 39], [0, 1, 39])).toEqual({ baseline: [40], current: [40] });
    expect(poolSmall([6, 6, 1], [5, 6, 2])).toEqual({ baseline: [7, 6], current: [7, 6] });
  });

  const countsOf = (rows: number, category: () => string): Map<string, number> => {
    const found = new Map<string, number>();
    for (let i = 0; i < rows; i++) {
      const name = category();
      found.set(name, (found.get(name) ?? 0) + 1);
    }
    return found;
  };
  const pooledTest = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) => {
    const names = scattered([...new Set([...a.keys(), ...b.keys()])]);
    const of = (side: ReadonlyMap<string, number>) => names.map((name) => side.get(name) ?? 0);
    const pooled = poolSmall(of(a), of(b));
    return chiSquareHomogeneity(pooled.baseline, pooled.current);
  };
  // Of 5,000 categories the i-th comes in proportion to 1 / i: most of a window's are in it once.
  const rare = (random: Random) => () => `k${Math.floor(5_001 ** random()) - 1}`;

  it('rejects as often as it says among rare categories, and among ids that never come again, where nothing moved', () => {
    const random = seededRandom(5);
    let id = 0;
    const unique = () => `id-${id++}`;
    for (const category of [rare(random), unique]) {
      const tests = Array.from({ length: 300 }, () => pooledTest(countsOf(3_000, category), countsOf(200, category)));
      const rejected = tests.filter(({ pValue }) => pValue < 0.05).length / tests.length;
      expect(tests[0]!.df).toBeGreaterThan(20);
      // 0.05 ± 3 standard errors of 300 trials.
      expect(Math.abs(rejected - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / 300));
    }
  });

  it('sees that rare categories gave way to new ones, which one pool of all would hide', () => {
    const random = seededRandom(6);
    const category = rare(random);
    const test = pooledTest(
      countsOf(10_000, category),
      countsOf(200, () => `new-${category()}`),
    );
    expect(test.pValue).toBeLessThan(1e-50);
    expect(cramersVCorrected(test)).toBeGreaterThan(0.1);
  });

  it('says 1 where nothing or everything is missing on both sides', () => {
    expect(missingRate({ missing: 0, rows: 10 }, { missing: 0, rows: 20 }).pValue).toBe(1);
    expect(missingRate({ missing: 10, rows: 10 }, { missing: 20, rows: 20 }).pValue).toBe(1);
    expect(missingRate({ missing: 0, rows: 0 }, { missing: 1, rows: 2 })).toEqual({
      baseline: null,
      current: 0.5,
      z: null,
      pValue: null,
    });
  });
});

describe('tails', () => {
  it('have their known values', () => {
    expect(gammaQ(1, 2)).toBeCloseTo(Math.exp(-2), 15);
    expect(chiSquareTail(1400, 2) / Math.exp(-700)).toBeCloseTo(1, 10);
    expect(normalTwoSidedTail(1.959963984540054)).toBeCloseTo(0.05, 14);
    expect(kolmogorovTail(1.3580986393225505)).toBeCloseTo(0.05, 9);
    expect(chiSquareTail(chiSquareQuantile(0.01, 219), 219)).toBeCloseTo(0.01, 12);
  });

  it('fall, and stay between 0 and 1', () => {
    const positive = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 1, max: 300 }), (x, y, df) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        expect(chiSquareTail(low, df)).toBeGreaterThanOrEqual(chiSquareTail(high, df) * (1 - 1e-12));
        expect(kolmogorovTail(low / 10)).toBeGreaterThanOrEqual(kolmogorovTail(high / 10) - 1e-15);
        expect(chiSquareTail(high, df)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

it('adjusts p-values as Benjamini and Hochberg do, in the order given', () => {
  expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.005])).toEqual([0.02, 0.04, 0.04, 0.02]);
  expect(benjaminiHochberg([])).toEqual([]);
  expect(() => benjaminiHochberg([1.5])).toThrow('expected probabilities of 0 to 1, got 1.5');
});

it('interpolates quantiles, and gives an atom its own bin', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(atomEdges([7, 7, 7, 7], 10)).toEqual([7, nextUp(7)]);
  expect(nextUp(0)).toBe(5e-324);
  expect(nextUp(-5e-324)).toBe(0);
  expect(countBins([7, nextUp(7)], [6, 7, 7, 8])).toEqual([1, 2, 1]);
});
