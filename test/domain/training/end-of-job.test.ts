import { describe, expect, it } from '@jest/globals';
import { endOfJob } from '../../../domain/training/end-of-job.ts';
import type { TrainingJob } from '../../../domain/training/training-jobs.ts';
import { trainingJob } from '../../support/release-world.ts';

const end = (change: Partial<TrainingJob>) => endOfJob(trainingJob('j', change));
const limits = { maxRuntimeSeconds: 3600, maxWaitSeconds: 7200 };
const stopped = (secondaryStatus: string, more: Partial<TrainingJob> = {}) =>
  end({ status: 'Stopped', secondaryStatus, limits, seconds: 0, ...more });

describe('the end of a training job', () => {
  it('is not there while it runs, or is stopping', () => {
    expect(end({ status: 'InProgress' })).toEqual({ kind: 'in-progress' });
    expect(end({ status: 'Stopping' })).toEqual({ kind: 'in-progress' });
    expect(end({})).toEqual({ kind: 'completed' });
  });

  it.each([
    [
      end({ status: 'Failed', failureReason: "AlgorithmError: KeyError: 'origin'" }),
      'TrainingFailedError',
      "training job j failed: AlgorithmError: KeyError: 'origin'",
    ],
    [stopped('MaxRuntimeExceeded'), 'TrainingTimedOutError', 'after 60 min'],
    [stopped('MaxWaitTimeExceeded'), 'SpotWaitExceededError', 'no spot instances within 120 min'],
    [
      stopped('MaxWaitTimeExceeded', { interruptions: 2, trainingSeconds: 900 }),
      'SpotInterruptedError',
      'interrupted 2 times and did not get to its end within 120 min',
    ],
    [stopped('Stopped'), 'TrainingStoppedError', 'somebody stopped training job j'],
  ])('that failed is %j', (ended, name, message) => {
    expect(ended).toMatchObject({ kind: 'failed', error: { name, message: expect.stringContaining(message) } });
  });

  it.each(['CapacityError: Unable to provision requested ML compute capacity.', 'InsufficientInstanceCapacity'])(
    'without instances (%s) is none of the program’s',
    (failureReason) => {
      expect(end({ status: 'Failed', failureReason })).toMatchObject({
        kind: 'no-capacity',
        error: { name: 'CapacityUnavailableError', message: expect.stringContaining('AWS has no ml.m5.large now') },
      });
    },
  );
});
