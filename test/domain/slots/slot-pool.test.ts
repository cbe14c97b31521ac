import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  askForSlot,
  EMPTY_POOL,
  giveBackSlot,
  holds,
  instancesOf,
  type SlotClaim,
  type SlotPool,
} from '../../../domain/slots/slot-pool.ts';

const claim = (job: string, team = 'a', count = 1): SlotClaim => ({ job, team, count });
const jobs = (claims: readonly SlotClaim[]) => claims.map(({ job }) => job);

/** Asks in order, all at a quota. */
const asked = (quota: number, ...claims: SlotClaim[]): SlotPool =>
  claims.reduce((pool, one) => askForSlot(pool, one, quota).pool, EMPTY_POOL);

describe('instances given out in turn', () => {
  it('go to whoever asks while there are some', () => {
    const pool = asked(2, claim('1'), claim('2'), claim('3'));
    expect([jobs(pool.held), jobs(pool.waiting)]).toEqual([['1', '2'], ['3']]);
    expect(giveBackSlot(pool, '1', 2)).toMatchObject({ granted: ['3'] });
  });

  it('go to the team that holds the fewest, whoever of them came first', () => {
    const pool = asked(2, claim('a1'), claim('a2'), claim('a3'), claim('a4'), claim('b1', 'b'), claim('c1', 'c'));
    const first = giveBackSlot(pool, 'a1', 2);
    expect(first.granted).toEqual(['b1']);
    expect(giveBackSlot(first.pool, 'a2', 2).granted).toEqual(['c1']);
  });

  it('are kept for who is next and needs more than is free: nobody overtakes', () => {
    const pool = asked(4, claim('small'), claim('large', 'b', 4), claim('late'));
    expect(jobs(pool.waiting)).toEqual(['large', 'late']);
    expect(giveBackSlot(pool, 'small', 4).granted).toEqual(['large']);
  });

  it('are granted again to who asks again, and only once', () => {
    const pool = asked(1, claim('1'), claim('2'));
    expect(askForSlot(pool, claim('1'), 1)).toEqual({ pool, granted: ['1'] });
    expect(askForSlot(pool, claim('2'), 1)).toEqual({ pool, granted: [] });
  });

  it('cannot be more than the quota, which may be raised later', () => {
    expect(() => askForSlot(EMPTY_POOL, claim('1', 'a', 3), 2)).toThrow(
      'expected at most 2 instances, the quota, got 3',
    );
    const pool = asked(1, claim('1'), claim('2'), claim('3'));
    expect(giveBackSlot(pool, 'unknown', 3).granted).toEqual(['2', '3']);
  });

  it('are not waited for by more than a row can hold', () => {
    const waiting = Array.from({ length: 2000 }, (_, i) => claim(`w${i}`));
    const full = { held: [claim('h')], waiting, turns: [] };
    expect(() => askForSlot(full, claim('more'), 1)).toThrow('expected at most 2000 jobs to wait');
  });

  const step = fc.oneof(
    fc.record({ ask: fc.nat(30), team: fc.constantFrom('a', 'b', 'c'), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ giveBack: fc.nat(30) }),
  );

  it('are never more than there are, whatever is asked and given back, and nobody is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 6 }), fc.array(step, { maxLength: 120 }), (quota, steps) => {
        let pool = EMPTY_POOL;
        const open = new Map<string, SlotClaim>();
        for (const one of steps) {
          if ('ask' in one) {
            const name = `j${one.ask}`;
            const wanted = open.get(name) ?? claim(name, one.team, one.count);
            open.set(name, wanted);
            pool = askForSlot(pool, wanted, quota).pool;
          } else {
            open.delete(`j${one.giveBack}`);
            pool = giveBackSlot(pool, `j${one.giveBack}`, quota).pool;
          }
          expect(instancesOf(pool.held)).toBeLessThanOrEqual(quota);
          expect([...jobs(pool.held), ...jobs(pool.waiting)].sort()).toEqual([...open.keys()].sort());
          // Nothing idles while whoever is next would fit.
          expect(giveBackSlot(pool, 'nobody', quota).granted).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('come to everybody who waits, in the order of their team, once others give back', () => {
    const claims = fc.array(
      fc.record({ team: fc.constantFrom('a', 'b', 'c'), count: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 6 }), claims, (quota, wanted) => {
        const all = wanted.map(({ team, count }, i) => claim(`j${i}`, team, count));
        const order: string[] = [];
        let pool = EMPTY_POOL;
        for (const one of all) {
          const change = askForSlot(pool, one, quota);
          order.push(...change.granted);
          pool = change.pool;
        }
        while (pool.held.length > 0) {
          const change = giveBackSlot(pool, pool.held[0]!.job, quota);
          order.push(...change.granted);
          pool = change.pool;
        }
        expect(order.toSorted()).toEqual(jobs(all).toSorted());
        for (const team of ['a', 'b', 'c']) {
          const own = jobs(all.filter((one) => one.team === team));
          expect(order.filter((job) => own.includes(job))).toEqual(own);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('let a team that came late begin before the many of another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }), (quota, crowd) => {
        let pool = asked(quota, ...Array.from({ length: quota + crowd }, (_, i) => claim(`a${i}`)), claim('b', 'b'));
        const first = giveBackSlot(pool, 'a0', quota);
        pool = first.pool;
        expect(first.granted).toEqual(['b']);
        expect(holds(pool, 'b')).toBe(true);
      }),
    );
  });
});
