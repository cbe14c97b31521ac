import { describe, expect, it } from '@jest/globals';
import { jobCostUsd, showUsd } from '../../../domain/training/prices.ts';

describe('the cost of a job', () => {
  it('is price × instances × time, where a price is known', () => {
    expect(jobCostUsd('eu-west-1', 'ml.m5.large', 2, 1800)).toBeCloseTo(0.128, 10);
  });
  it('is not guessed where none is known', () => {
    expect(jobCostUsd('eu-west-1', 'ml.p5.48xlarge', 1, 60)).toBeUndefined();
    expect(jobCostUsd('constructor', 'ml.m5.large', 1, 60)).toBeUndefined();
  });
  it('is shown so that something is seen', () => {
    expect([showUsd(0.128), showUsd(0.0015)]).toEqual(['0.13 USD', '0.0015 USD']);
  });
});
