import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { benjaminiHochberg, benjaminiYekutieli } from '../../../domain/drift/adjusted-p-values.ts';
import { chiSquareHomogeneity, cramersV } from '../../../domain/drift/chi-square.ts';
import * as distances from '../../../domain/drift/distances.ts';
import { ksBounds, ksExact, ksTail } from '../../../domain/drift/kolmogorov-smirnov.ts';
import { missingRate } from '../../../domain/drift/missing-rate.ts';
import { emptyNumeric, meanOf, mergeNumeric, preciseMeanOf } from '../../../domain/drift/profile.ts';
import { addNumber } from '../../../domain/drift/profile-builder.ts';
import { atomEdges, countBins, plainEdges, quantile } from '../../../domain/drift/quantile.ts';
import { chiSquareTail, kolmogorovTail, normalTwoSidedTail } from '../../../domain/drift/special-functions.ts';
import { wassersteinBounds, wassersteinExact } from '../../../domain/drift/wasserstein.ts';

const FILE = join('..', 'shared', 'data', 'drift', 'cases.json');
const present = existsSync(FILE);
// Reference values are data from outside; their shape is the file's own.
const cases: any[] = present ? JSON.parse(readFileSync(FILE, 'utf8')).cases : [];
const ofKind = (kind: string): any[] => cases.filter((one) => one.kind === kind);
if (!present) console.warn(`skipped: no reference cases at ${FILE}`);

const whenPresent = present ? describe : describe.skip;

/** Relative to the expected value; below 1e-300 doubles have no relative accuracy left. */
function expectRelative(got: number, expected: number | 'Infinity', tolerance: number): void {
  if (expected === 'Infinity') expect(got).toBe(Number.POSITIVE_INFINITY);
  else if (Math.abs(expected) < 1e-300) expect(Math.abs(got)).toBeLessThan(1e-300);
  else expect(Math.abs(got - expected) / Math.abs(expected)).toBeLessThanOrEqual(tolerance);
}

const expectAbsolute = (got: number, expected: number, tolerance = 1e-14): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(tolerance);

function expectDistances(oracle: any, baseline: number[], current: number[]): void {
  expectRelative(distances.populationStabilityIndex(baseline, current), oracle['psi_floor1e-4'], 1e-10);
  expectRelative(distances.smoothedStabilityIndex(baseline, current), oracle['psi_laplace0.5'], 1e-10);
  if ('psi_nofloor' in oracle)
    expectRelative(distances.populationStabilityIndex(baseline, current, 0), oracle.psi_nofloor, 1e-10);
  expectRelative(distances.jensenShannonDivergence(baseline, current), oracle.js_divergence_base2, 1e-10);
  expectRelative(distances.jensenShannonDistance(baseline, current), oracle.js_distance_base2, 1e-10);
  expectRelative(distances.hellingerDistance(baseline, current), oracle.hellinger, 1e-10);
  expectRelative(distances.kullbackLeibler(baseline, current), oracle['kl_cur_base_floor1e-4'], 1e-10);
  expectAbsolute(distances.totalVariationDistance(baseline, current), oracle.tvd);
  expectAbsolute(distances.lInfinity(baseline, current), oracle.linf);
  if ('deequ_linf_robust' in oracle)
    expectAbsolute(distances.lInfinityRobust(baseline, current), oracle.deequ_linf_robust);
  if (oracle.chi2) expectChiSquare(oracle.chi2, baseline, current);
}

function expectChiSquare(oracle: any, baseline: number[], current: number[]): void {
  const got = chiSquareHomogeneity(baseline, current);
  expect(got.df).toBe(oracle.df);
  expectRelative(got.statistic, oracle.stat, 1e-10);
  expectRelative(got.pValue, oracle.p, 1e-8);
  expectRelative(cramersV(got), oracle.cramers_v, 1e-10);
  expectRelative(got.minExpected, oracle.min_expected, 1e-10);
}

function expectMissing(oracle: any): void {
  const { baseline, current } = oracle.counts;
  const got = missingRate(
    { missing: baseline.missing, rows: baseline.total },
    { missing: current.missing, rows: current.total },
  );
  expect(got.baseline).toBe(oracle.missing_rate.baseline);
  expect(got.current).toBe(oracle.missing_rate.current);
  if (!oracle.missing_rate.z_test) return;
  expectRelative(got.z!, oracle.missing_rate.z_test.z, 1e-10);
  expectRelative(got.pValue!, oracle.missing_rate.z_test.p, 1e-8);
}

/** −0 equals 0; toEqual would tell them apart. */
const unsigned = (values: number[]): number[] => values.map((value) => value + 0);

const finite = (values: (number | string | null)[]): number[] =>
  values
    .filter((value): value is number => typeof value === 'number')
    .map((value) => value + 0)
    .sort((a, b) => a - b);

whenPresent('numeric reference cases', () => {
  it.each(ofKind('numeric').map((one) => [one.id, one]))('%s', (_id, one) => {
    const b = finite(one.baseline);
    const c = finite(one.current);
    expectMissing(one.oracle);
    for (const side of [
      { values: b, oracle: one.oracle.moments?.baseline },
      { values: c, oracle: one.oracle.moments?.current },
    ]) {
      if (!side.oracle) continue;
      const deciles = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => quantile(side.values, i / 10));
      expect(deciles).toEqual(unsigned(side.oracle.deciles_linear));
    }
    if (one.oracle.status !== 'ok') return;
    expectNumeric(one.oracle, b, c);
  });
});

function expectNumeric(oracle: any, b: number[], c: number[]): void {
  for (const [bins, edges] of [
    [oracle.bins_decile_plain, plainEdges(b, 10)],
    [oracle.bins_decile_atom, atomEdges(b, 10)],
    [oracle.mergeable_hist32_atom, atomEdges(b, 32)],
  ] as const) {
    expect(edges).toEqual(unsigned(bins.edges));
    const [ofB, ofC] = [countBins(edges, b), countBins(edges, c)];
    expect(ofB).toEqual(bins.baseline_counts);
    expect(ofC).toEqual(bins.current_counts);
    const bounds = ksBounds(edges, ofB, ofC);
    expectAbsolute(bounds.lower, bins.ks_lower);
    expectAbsolute(bounds.upper, bins.ks_upper);
    if ('psi_floor1e-4' in bins) expectDistances(bins, ofB, ofC);
    if ('w1_lower' in bins) {
      const w1 = wassersteinBounds(edges, ofB, ofC, [extentOf(edges, b), extentOf(edges, c)]);
      expectRelative(w1.lower, bins.w1_lower, 1e-10);
      expectRelative(w1.upper, bins.w1_upper, 1e-10);
    }
  }
  const d = ksExact(b, c);
  expectAbsolute(d, oracle.ks.D);
  expectRelative(ksTail(d, b.length, c.length), oracle.ks.p_limit_kolmogorov, 1e-8);
  expectRelative(wassersteinExact(b, c), oracle.wasserstein.w1, 1e-10);
}

function profiled(edges: readonly number[], values: number[]) {
  const profile = emptyNumeric(edges);
  for (const value of values) addNumber(profile, value);
  return profile;
}

const extentOf = (edges: readonly number[], values: number[]) => {
  const profile = profiled(edges, values);
  return { min: profile.min, max: profile.max, mean: preciseMeanOf(profile) };
};

whenPresent('categorical reference cases', () => {
  it.each(ofKind('categorical').map((one) => [one.id, one]))('%s', (_id, one) => {
    expectMissing(one.oracle);
    if (one.oracle.status !== 'ok') return;
    const b = new Map<string, number>(one.baseline_counts);
    const c = new Map<string, number>(one.current_counts);
    const categories = [...new Set([...b.keys(), ...c.keys()])];
    const counts = (of: Map<string, number>): number[] => categories.map((category) => of.get(category) ?? 0);
    expectDistances(one.oracle, counts(b), counts(c));
  });
});

whenPresent('merge reference cases', () => {
  it.each(ofKind('merge').map((one) => [one.id, one]))('%s', (_id, one) => {
    const shards = one.shards.map((values: number[]) => profiled(one.edges, values));
    expect(shards.map((shard: any) => shard.counts)).toEqual(one.oracle.shard_counts);
    for (const order of [shards, shards.toReversed(), [...shards.slice(2), ...shards.slice(0, 2)]]) {
      const merged = order.reduce(mergeNumeric);
      expect(merged.counts).toEqual(one.oracle.counts);
      expect(merged.n).toBe(one.oracle.n);
      expect(merged.min).toBe(one.oracle.min);
      expect(merged.max).toBe(one.oracle.max);
      expectRelative(meanOf(merged), one.oracle.mean, 1e-12);
      expectRelative(merged.m2, one.oracle.M2, 1e-12);
    }
  });
});

whenPresent('p-value reference cases', () => {
  it.each(ofKind('padjust').map((one) => [one.id, one]))('%s', (_id, one) => {
    benjaminiHochberg(one.p).forEach((q, i) => {
      expectRelative(q, one.oracle.BH[i], 1e-10);
    });
    benjaminiYekutieli(one.p).forEach((q, i) => {
      expectRelative(q, one.oracle.BY[i], 1e-10);
    });
  });

  it.each(ofKind('special').map((one) => [one.id, one]))('%s', (_id, { oracle }) => {
    for (const [lambda, tail] of oracle.kolmogorov_sf) expectRelative(kolmogorovTail(lambda), tail, 1e-8);
    for (const [x, df, tail] of oracle.chi2_sf) expectRelative(chiSquareTail(x, df), tail, 1e-8);
    for (const [z, tail] of oracle.normal_two_sided) expectRelative(normalTwoSidedTail(z), tail, 1e-8);
  });
});
