import { beforeAll, describe, expect, it } from '@jest/globals';
import { onAllThreads } from '../../../bench/false-alarms/all-threads.ts';
import {
  DETECTORS,
  type DetectorSums,
  type DetectorTask,
  FAULTS,
  type Fault,
} from '../../../bench/false-alarms/measure-detectors.ts';

const YEARS = 12;
const TRIALS = 8;

/** `npm run bench -- detectors` asks the same of a thousand years. */
describe('usage, service, data, estimate and prediction, by the shipped defaults', () => {
  let sums: readonly DetectorSums[];
  beforeAll(async () => {
    // In a thread of its own: numbers are drawn ten times as fast outside of a test's sandbox.
    const worker = new URL('../../../bench/false-alarms/detectors-worker.ts', import.meta.url);
    const task = { baseline: 3, rows: [200, 1_000], years: YEARS, trials: TRIALS };
    sums = (await onAllThreads<DetectorTask, DetectorSums[]>(worker, [task])).flat();
  });

  it('open at most one incident per quiet model-year in sum', () => {
    for (const { opened } of sums)
      expect(DETECTORS.reduce((sum, detector) => sum + opened[detector], 0)).toBeLessThanOrEqual(YEARS);
  });

  it.each(Object.keys(FAULTS) as Fault[])(
    'tell of %s in a busy model within three windows, more often than not',
    (fault) => {
      expect(sums[1]!.found[fault]).toBeGreaterThan(TRIALS / 2);
    },
  );
});
