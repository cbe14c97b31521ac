import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { costInWords, expectedCost } from '../../../domain/training/expected-cost.ts';
import { PRICES_AS_OF } from '../../../domain/training/prices.ts';
import { definitionText } from '../../support/release-world.ts';

const definition = (more = '', training = '') =>
  readModelDefinition(definitionText((text) => `${text.replace('delays:1"', `delays:1"${training}`)}${more}`));
const serving = (realtime: string) => `serving: { realtime: { ${realtime} } }\n`;

describe('what a model costs by its definition', () => {
  it('is instances × price × 730 hours a month, and the longest training on the dearest type', () => {
    const both = definition(
      serving('instance: ml.m5.large, minInstances: 2, maxInstances: 2'),
      ', maxRuntimeMinutes: 90, instance: { types: [ml.m5.large, ml.m5.xlarge], count: 2 }',
    );
    const cost = expectedCost(both, 'eu-west-1');
    // 0.128 and 0.257 USD an hour.
    expect(cost.serving!.leastUsd).toBeCloseTo(0.128 * 730 * 2, 9);
    expect(cost.trainingMostUsd).toBeCloseTo(0.257 * 2 * 1.5, 9);
    expect(cost.validationPerHourUsd).toBeCloseTo(0.128, 9);
    expect(costInWords(both, cost)).toEqual([
      'Serving: 186.88 USD a month (2 × ml.m5.large, always on).',
      expect.stringMatching(
        /^A release: training at most 0\.77 USD \(2 × ml\.m5\.large or ml\.m5\.xlarge for 90 min\); 3 batch transforms/,
      ),
      expect.stringContaining(`List prices of ${PRICES_AS_OF} in eu-west-1`),
    ]);
  });

  it('says both ends where an endpoint may grow', () => {
    const { training, serving: fixed } = definition();
    const grows = {
      training,
      serving: { ...fixed, realtime: { ...fixed.realtime, minInstances: 2, maxInstances: 6 } },
    };
    const cost = expectedCost(grows, 'eu-west-1');
    expect(cost.serving!.mostUsd).toBeCloseTo(0.128 * 730 * 6, 9);
    expect(costInWords(grows, cost)[0]).toBe(
      'Serving: 186.88 USD a month (2 × ml.m5.large, always on), up to 560.64 USD with 6.',
    );
  });

  it('counts every job of a search', () => {
    const ranges = 'ranges: { depth: { integer: [1, 9] } }';
    const tuning = `, tuning: { metric: "auc", pattern: "auc=([0-9.]+)", goal: maximize, maxJobs: 20, ${ranges} }`;
    const one = expectedCost(definition(), 'us-east-1').trainingMostUsd!;
    const searched = definition('', tuning);
    expect(expectedCost(searched, 'us-east-1').trainingMostUsd).toBeCloseTo(one * 20, 9);
    expect(costInWords(searched, expectedCost(searched, 'us-east-1'))[1]).toContain('(20 jobs of 1 × ml.m5.large for');
  });

  it('has no training where the model was trained elsewhere', () => {
    const { training, serving: served } = definition();
    const { image: _, ...rest } = training;
    const brought = { training: { ...rest, artifact: 'model.tar.gz' }, serving: served };
    const cost = expectedCost(brought, 'eu-west-1');
    expect(cost.trainingMostUsd).toBe(0);
    expect(expectedCost(brought, 'mars-north-1').trainingMostUsd).toBe(0);
    expect(cost.validationPerHourUsd).toBeCloseTo(0.128, 9);
    expect(costInWords(brought, cost)[1]).toMatch(
      /^A release: no training, it was trained elsewhere; 3 batch transforms/,
    );
  });

  it('is not guessed where no price is known', () => {
    const cost = expectedCost(definition(), 'mars-north-1');
    expect(cost).toEqual({ region: 'mars-north-1', pricesAsOf: PRICES_AS_OF });
    expect(costInWords(definition(), cost)[0]).toMatch(/^Serving: at a price that is not in our table \(\d+ × ml\./);
  });
});
