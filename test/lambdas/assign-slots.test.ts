import { beforeEach, describe, expect, it } from '@jest/globals';
import { assignSlots } from '../../lambdas/assign-slots/assign-slots.ts';
import { AssignSlotsInput } from '../../lambdas/assign-slots/contract.ts';
import { sweepSlots } from '../../lambdas/sweep-slots/sweep-slots.ts';
import { FixedClock } from '../support/in-memory.ts';
import { InMemorySlotStore } from '../support/in-memory-slots.ts';

const HOUR = 3_600_000;

describe('instances given out to workflows', () => {
  let slots: InMemorySlotStore;
  let clock: FixedClock;
  let answered: string[];
  let unreachable: Set<string>;
  let quotas: Record<string, { training: number }> | undefined;
  beforeEach(() => {
    slots = new InMemorySlotStore();
    clock = new FixedClock();
    answered = [];
    unreachable = new Set();
    quotas = { 'ml.m5.large': { training: 1 } };
  });

  const assign = (input: Parameters<ReturnType<typeof assignSlots>>[0]) =>
    assignSlots({
      slots,
      vault: {
        seal: async (id, token) => `sealed ${id} ${token}`,
        open: async (id, sealed) => sealed.replace(`sealed ${id} `, ''),
      },
      task: {
        succeed: async (token) => {
          if (unreachable.has(token)) throw new Error('told to fail');
          answered.push(token);
          return 'answered';
        },
      },
      config: quotas ? { quotas } : {},
      now: clock.now,
    })(input);
  const ask = (job: string, team = 'a', token = `token of ${job}`) =>
    assign({
      model: 'm',
      release: 1,
      job,
      slot: { use: 'training', instanceType: 'ml.m5.large', count: 1, team },
      execution: `arn:execution:${job}`,
      token,
    });
  const ended = (job: string) =>
    assign(
      AssignSlotsInput.parse({ TrainingJobName: job, TrainingJobStatus: 'Completed' }) as {
        giveBack: string[];
        answer: string[];
      },
    );

  it('lets one go on at once, and the next when a job’s event says that it has ended', async () => {
    expect(await ask('j1')).toEqual({ granted: ['j1'] });
    expect(await ask('j2', 'b')).toEqual({ granted: [] });
    expect(answered).toEqual(['token of j1']);
    expect(await ended('j1')).toEqual({ granted: ['j2'] });
    expect(answered).toEqual(['token of j1', 'token of j2']);
    // An event may arrive twice, and most jobs never asked.
    expect(await ended('j1')).toEqual({ granted: [] });
    expect(await ended('unknown')).toEqual({ granted: [] });
  });

  it('keeps no token in the clear, and none that was answered', async () => {
    await ask('j1');
    await ask('j2');
    expect(slots.jobs.get('j1')).not.toHaveProperty('sealedToken');
    expect(slots.jobs.get('j2')!.sealedToken).toBe('sealed j2 token of j2');
  });

  it('answers the newest task of a job that asks again', async () => {
    await ask('j1', 'a', 'lost');
    await ask('j1', 'a', 'new');
    expect(answered).toEqual(['lost', 'new']);
  });

  it('gives a place back where no job will end', async () => {
    await ask('j1');
    await ask('j2');
    await ask('j3');
    await assign({ giveBack: ['j2'], answer: [] });
    expect(await ended('j1')).toEqual({ granted: ['j3'] });
  });

  it('refuses what could never be had, and limits nothing that has no quota any more', async () => {
    quotas = { 'ml.m5.large': { training: 1 } };
    const two = { use: 'training' as const, instanceType: 'ml.m5.large', count: 2, team: 'a' };
    const asking = { model: 'm', release: 1, job: 'big', slot: two, execution: 'e', token: 't' };
    await expect(assign(asking)).rejects.toThrow('expected at most 1 instances, the quota, got 2');
    quotas = undefined;
    expect(await assign(asking)).toEqual({ granted: ['big'] });
  });

  describe('the sweep', () => {
    const sweep = (jobs: Record<string, 'running' | 'ended'>, running: readonly string[] = []) =>
      sweepSlots({
        slots,
        jobs: { look: async ({ job }) => jobs[job] ?? 'missing' },
        workflows: { isRunning: async (execution) => running.includes(execution) },
        assigner: {
          settle: async ({ giveBack, answer }) => void (await assign({ giveBack: [...giveBack], answer: [...answer] })),
        },
        now: clock.now,
      })({});

    it('frees what a job held whose event was lost, and the next goes on', async () => {
      await ask('j1');
      await ask('j2');
      clock.advance(HOUR);
      expect(await sweep({ j1: 'ended' }, ['arn:execution:j2'])).toEqual({ givenBack: ['j1'], answered: [] });
      expect(answered).toEqual(['token of j1', 'token of j2']);
    });

    it('leaves what runs, what is about to be made, and what is young', async () => {
      await ask('j1');
      expect(await sweep({})).toEqual({ givenBack: [], answered: [] });
      clock.advance(HOUR);
      expect(await sweep({ j1: 'running' })).toEqual({ givenBack: [], answered: [] });
      expect(await sweep({}, ['arn:execution:j1'])).toEqual({ givenBack: [], answered: [] });
    });

    it('takes away the place of a workflow that is gone, whether it waited or was to begin', async () => {
      await ask('j1');
      await ask('j2');
      await ask('j3');
      clock.advance(HOUR);
      expect(await sweep({ j1: 'running' }, ['arn:execution:j3'])).toEqual({ givenBack: ['j2'], answered: [] });
      expect(await sweep({}, ['arn:execution:j3'])).toEqual({ givenBack: ['j1'], answered: [] });
      expect(answered.at(-1)).toBe('token of j3');
    });

    it('tells a workflow of what it was given where the first answer was lost', async () => {
      unreachable.add('token of j1');
      await expect(ask('j1')).rejects.toThrow('told to fail');
      unreachable.clear();
      clock.advance(HOUR);
      expect(await sweep({}, ['arn:execution:j1'])).toEqual({ givenBack: [], answered: ['j1'] });
      expect(answered).toEqual(['token of j1']);
    });
  });
});
