import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../local/cloud.ts';
import {
  failureAttributes,
  type PendingDelivery,
  RetriedDeliveries,
  type RetryPolicy,
} from '../../local/retried-deliveries.ts';
import { ServiceError } from '../../local/service.ts';

const THROTTLED = new ServiceError('ThrottlingException', 'Rate exceeded');
const DENIED = new ServiceError('AccessDenied', 'not allowed', 403);

describe('a delivery', () => {
  let stateDir: string;
  let cloud: LocalCloud;
  let attempts: number[];
  let buried: Record<string, string>[];
  let answers: (Error | undefined)[];
  let deliveries: RetriedDeliveries<PendingDelivery>;

  const open = () => {
    cloud = new LocalCloud({ stateDir, report: () => {} });
    deliveries = new RetriedDeliveries<PendingDelivery>(cloud, 'test.deliveries', {
      attempt: async (item) => {
        attempts.push(Math.round((cloud.clock.now() - item.since) / 1000));
        const error = answers.length > 1 ? answers.shift() : answers[0];
        if (error) throw error;
      },
      giveUp: async (item, error, exhausted) => {
        buried.push(failureAttributes(item, error, exhausted));
        return true;
      },
    });
  };
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'launchway-deliveries-'));
    [attempts, buried, answers] = [[], [], [undefined]];
    open();
  });
  afterEach(async () => {
    await cloud.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const accept = (retryPolicy?: RetryPolicy) => {
    const now = cloud.clock.now();
    deliveries.accept({ id: 'one', since: now, dueAt: now, attempts: 0, ...(retryPolicy && { retryPolicy }) })();
  };

  it('is tried again, after longer and longer pauses, until it succeeds', async () => {
    answers = [THROTTLED, THROTTLED, THROTTLED, undefined];
    accept();
    await cloud.clock.advance(3_600_000);
    expect(attempts).toEqual([0, 1, 3, 7]);
    expect(buried).toEqual([]);
  });

  it('is given up after as many retries as its policy allows', async () => {
    answers = [THROTTLED];
    accept({ MaximumRetryAttempts: 2 });
    await cloud.clock.advance(3_600_000);
    expect(attempts).toHaveLength(3);
    expect(buried).toEqual([
      {
        ERROR_CODE: 'ThrottlingException',
        ERROR_MESSAGE: 'Rate exceeded',
        EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        RETRY_ATTEMPTS: '2',
      },
    ]);
  });

  it('is given up when it is too old', async () => {
    answers = [THROTTLED];
    accept({ MaximumEventAgeInSeconds: 60 });
    await cloud.clock.advance(3_600_000);
    expect(attempts).toEqual([0, 1, 3, 7, 15, 31]);
    expect(buried).toMatchObject([{ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: '5' }]);
  });

  it('is given up at once where its target refuses it', async () => {
    answers = [DENIED];
    accept();
    await cloud.clock.advance(0);
    expect(attempts).toEqual([0]);
    expect(buried).toEqual([{ ERROR_CODE: 'AccessDenied', ERROR_MESSAGE: 'not allowed', RETRY_ATTEMPTS: '0' }]);
  });

  it('goes on after a restart, with the attempts it has made', async () => {
    answers = [THROTTLED];
    accept({ MaximumRetryAttempts: 2 });
    await cloud.clock.advance(1_000);
    expect(attempts).toHaveLength(2);
    await cloud.stop();
    open();
    deliveries.resume();
    await cloud.clock.advance(3_600_000);
    expect(attempts).toHaveLength(3);
    expect(buried).toMatchObject([{ EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' }]);
  });
});
