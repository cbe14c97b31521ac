import { expect, it } from '@jest/globals';
import { trainingInWords } from '../../../domain/training/training-in-words.ts';

const job = {
  jobName: 'j',
  jobArn: 'a',
  image: 'i',
  artifactUri: 's3://a',
  seconds: 211.6,
  instanceType: 'ml.m5.large',
};
const search = {
  jobName: 's',
  metric: 'validation:auc',
  goal: 'maximize' as const,
  objective: 0.712345,
  tuned: { depth: '6', rate: '0.05' },
  trials: 20,
  completed: 18,
  document: { bucket: 'b', key: 'k' },
};

it.each([
  [job, '212 s on ml.m5.large'],
  [{ ...job, instanceCount: 2, isSpot: true, interruptions: 2 }, '212 s on 2 × ml.m5.large, spot, interrupted twice'],
  [{ ...job, withoutCapacity: ['ml.c5.large'] }, '212 s on ml.m5.large (ml.c5.large had no capacity)'],
  [{ ...job, search }, '212 s on ml.m5.large; best of 20 trainings by validation:auc (0.7123): depth 6, rate 0.05'],
])('a training is told in words: %j', (training, words) => {
  expect(trainingInWords(training)).toBe(words);
});
