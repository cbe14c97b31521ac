import { describe, expect, it } from '@jest/globals';
import { jobCostUsd, PRICES_AS_OF, showUsd } from '../../../domain/training/prices.ts';

const hour = (region: string, type: string) => jobCostUsd(region, type, 1, 3600);

describe('the cost of a job', () => {
  it('is price × instances × time, where a price is known', () => {
    expect(jobCostUsd('eu-west-1', 'ml.m5.large', 2, 1800)).toBeCloseTo(0.128, 10);
  });

  it.each([
    ['us-west-2', 'ml.m5.4xlarge', 0.922],
    ['us-east-1', 'ml.c5.xlarge', 0.204],
    ['us-east-2', 'ml.g4dn.xlarge', 0.7364],
    ['us-east-1', 'ml.g5.48xlarge', 20.36],
  ])('in %s on %s is what AWS lists', (region, type, usd) => {
    expect(hour(region, type)).toBeCloseTo(usd, 10);
  });

  it('grows with the size, in each family and region', () => {
    const sizes = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '24xlarge', '48xlarge'];
    for (const region of ['us-east-1', 'eu-west-1', 'eu-central-1'])
      for (const family of ['m5', 'm6i', 'c5', 'c6i', 'g4dn', 'g5']) {
        const prices = sizes.flatMap((size) => hour(region, `ml.${family}.${size}`) ?? []);
        expect(prices.length).toBeGreaterThan(1);
        expect(prices).toEqual(prices.toSorted((a, b) => a - b));
      }
  });

  it('is not guessed where none is known', () => {
    expect(hour('eu-west-1', 'ml.p5.48xlarge')).toBeUndefined();
    expect(hour('eu-west-1', 'ml.m5.metal')).toBeUndefined();
    expect(hour('eu-west-1', 'ml.constructor.name')).toBeUndefined();
    expect(hour('constructor', 'ml.m5.large')).toBeUndefined();
  });

  it('is shown so that something is seen, and of which month', () => {
    expect([showUsd(0.128), showUsd(0.0015)]).toEqual(['0.13 USD', '0.0015 USD']);
    expect(PRICES_AS_OF).toMatch(/^\d{4}-\d{2}$/);
  });
});
