import { describe, expect, it } from '@jest/globals';
import { costInWords, decisionValue, servingCost } from '../../../domain/monitoring/worth.ts';

const day = { start: '2026-02-01T00:00:00.000Z', end: '2026-02-02T00:00:00.000Z' };
const realtime = (instance: string, minInstances: number, maxInstances: number) => ({
  realtime: { instance, minInstances, maxInstances },
});

describe('what serving costs', () => {
  it('is instances times hours at the list price, of the part of the window that was served', () => {
    // Ireland: 0.128 USD an hour.
    const two = servingCost('eu-west-1', realtime('ml.m5.large', 2, 2), day, '2026-01-01T00:00:00.000Z')!;
    expect(two.usd).toBeCloseTo(6.144, 10);
    expect(costInWords(two)).toMatch(/^6\.14 USD: 2 × ml\.m5\.large, 24 h; list prices of \d{4}-\d{2}$/);
    const half = servingCost('eu-west-1', realtime('ml.m5.large', 1, 3), day, '2026-02-01T12:00:00.000Z')!;
    expect(half.usd).toBeCloseTo(1.536, 10);
    expect(costInWords(half)).toMatch(/^at least 1\.54 USD: ml\.m5\.large, 12 h/);
    expect(servingCost('eu-west-1', realtime('ml.m5.large', 1, 1), day, '2026-03-01T00:00:00.000Z')!.usd).toBe(0);
  });

  it('is not guessed where no price is known', () => {
    expect(servingCost('mars-north-1', realtime('ml.m5.large', 1, 1), day, day.start)).toBeUndefined();
    expect(servingCost('eu-west-1', realtime('ml.x9.huge', 1, 1), day, day.start)).toBeUndefined();
  });
});

it('decisions are worth what the definition says of each, at the threshold and above positive', () => {
  const business = {
    ...{ truePositiveValue: 12.5, falsePositiveCost: 3, falseNegativeCost: 7, trueNegativeValue: 0.25 },
    currency: 'EUR',
  };
  const truth = Float64Array.from([1, 1, 1, 0, 0, 0, 0]);
  const scores = [Float64Array.from([0.9, 0.5, 0.1, 0.6, 0.2, 0.3, 0.49])];
  // Two hits, one miss, one false alarm, three rightly left: 25 − 7 − 3 + 0.75.
  expect(decisionValue({ truth, scores }, 0.5, business)).toEqual({ amount: 15.75, currency: 'EUR', labelled: 7 });
});
