import { describe, expect, it } from '@jest/globals';
import { spendingInWords } from '../../../domain/outcome/spending.ts';
import type { FailedTraining, TrainingResult } from '../../../domain/step-results.ts';
import { PRICES_AS_OF } from '../../../domain/training/prices.ts';

const job = { jobName: 'j', seconds: 212, instanceType: 'ml.m5.large' };
const trained = (more: Partial<TrainingResult>) =>
  spendingInWords({ steps: { training: { ...job, jobArn: 'a', image: 'i', artifactUri: 's3://a', ...more } } });
const failed = (more: Partial<FailedTraining>) =>
  spendingInWords({ steps: { failedTraining: { ...job, instanceCount: 1, isSpot: false, ...more } } });

describe('what a release spent', () => {
  it.each([
    [trained({ costUsd: 0.0412 }), `about 0.04 USD (ml.m5.large, 212 s; list prices of ${PRICES_AS_OF})`],
    [
      trained({ costUsd: 0.02, isSpot: true, trainingSeconds: 424 }),
      `about 0.02 USD (ml.m5.large, 212 s, spot: 50 % saved; list prices of ${PRICES_AS_OF})`,
    ],
    [
      trained({ costUsd: 0.1, instanceCount: 3 }),
      `about 0.10 USD (3 × ml.m5.large, 212 s; list prices of ${PRICES_AS_OF})`,
    ],
    [trained({}), 'ml.m5.large, 212 s; its price is not in our table'],
    [trained({ costUsd: 0, reusedFrom: 3 }), 'nothing: release 3 had trained on the same inputs'],
    [failed({ costUsd: 0.004 }), `about 0.0040 USD (ml.m5.large, 212 s; list prices of ${PRICES_AS_OF})`],
    [failed({ seconds: 0 }), 'nothing: no instance ran'],
    [failed({ isSpot: true }), 'ml.m5.large, 212 s, spot; its price is not in our table'],
    [spendingInWords({ steps: {} }), undefined],
  ])('is said as %s', (said, expected) => {
    expect(said).toBe(expected);
  });
});
