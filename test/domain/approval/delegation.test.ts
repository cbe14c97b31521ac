import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Delegation,
  type DelegationRefusal,
  moveSeats,
  refusalOfDelegation,
  type SeatMove,
} from '../../../domain/approval/delegation.ts';
import { fillSeats, isQuorum } from '../../../domain/approval/seats.ts';
import { approvalRequest, CONFIG } from '../../support/approval-fixtures.ts';

const TODAY = '2030-01-01';
const NOON = new Date('2030-01-01T12:00:00.000Z');
const { seats, approvers } = approvalRequest();
const wish = (person: string, to: string, from = '2030-01-01', until = '2030-01-08'): Delegation => ({
  person,
  to,
  from,
  until,
});
const refusal = (one: Delegation, known: readonly Delegation[] = []) =>
  refusalOfDelegation(CONFIG, known, one, TODAY)?.kind;
const asked = (change: Partial<SeatMove> = {}): SeatMove => ({
  seats,
  approvers,
  voted: new Set(),
  whyExcluded: (person) => (person === 'dana' ? 'submitted it' : undefined),
  ...change,
});
const moved = (known: readonly Delegation[], change: Partial<SeatMove> = {}, at = NOON, config = CONFIG) =>
  moveSeats(config, known, asked(change), at);

describe('a delegation', () => {
  it('is to another approver, for a time that is not over', () => {
    expect(refusal(wish('ada', 'ben'))).toBeUndefined();
    const cases: [Delegation, DelegationRefusal['kind']][] = [
      [wish('ada', 'ada'), 'Oneself'],
      [wish('ada', 'nobody'), 'UnknownPerson'],
      [wish('ada', '__proto__'), 'UnknownPerson'],
      [wish('ada', 'dan'), 'NotAnApprover'],
      [wish('ada', 'ben', '2030-01-08', '2030-01-08'), 'NoPeriod'],
      [wish('ada', 'ben', '2029-12-01', '2030-01-01'), 'NoPeriod'],
      [wish('ada', 'ben', 'soon', '2030-01-08'), 'NoPeriod'],
      [wish('ada', 'ben', '2030-02-30', '2030-02-31'), 'NoPeriod'],
      [wish('ada', 'ben', '2030-01-01', '2030-06-01'), 'TooLong'],
    ];
    for (const [one, kind] of cases) expect([one.to, one.from, refusal(one)]).toEqual([one.to, one.from, kind]);
  });

  it('is to nobody under another name of one’s own', () => {
    const twin = { name: 'A.', email: 'ADA+2@example.com', principals: [] };
    const config = {
      ...CONFIG,
      people: { ...CONFIG.people, twin },
      roles: { ...CONFIG.roles, business: ['ben', 'twin'] },
    };
    expect(refusalOfDelegation(config, [], wish('ada', 'twin'), TODAY)?.kind).toBe('Oneself');
  });

  it('makes no chain and no circle, and there is one at a time', () => {
    const known = [wish('ben', 'abe')];
    expect(refusal(wish('ada', 'ben'), known)).toBe('Chain');
    expect(refusal(wish('abe', 'ben'), known)).toBe('Chain');
    expect(refusal(wish('abe', 'ada'), known)).toBe('Chain');
    expect(refusal(wish('ben', 'ada'), known)).toBe('Overlap');
    expect(refusal(wish('ada', 'ben', '2030-01-08', '2030-01-10'), known)).toBeUndefined();
    expect(refusal(wish('ada', 'abe'), known)).toBeUndefined();
  });
});

describe('a seat', () => {
  it('moves while its person is away, by the dates where they live', () => {
    const known = [wish('abe', 'ben', '2030-01-02', '2030-01-08')];
    const tokyo = { timeZone: 'Asia/Tokyo', days: ['Mon'] as const, hours: ['09:00', '17:00'] as const, holidays: [] };
    const config = { ...CONFIG, calendars: { default: tokyo } };
    const at = (iso: string) => moved(known, {}, new Date(iso), config).moved.length;
    expect(
      ['2030-01-01T14:59:59Z', '2030-01-01T15:00:00Z', '2030-01-07T14:59:59Z', '2030-01-07T15:00:00Z'].map(at),
    ).toEqual([0, 1, 1, 0]);
  });

  it('is added to those of the one who stands in, who still fills one', () => {
    const { approvers: now, moved: by } = moved([wish('abe', 'ben')]);
    expect(now).toEqual([
      { person: 'ada', roles: ['business', 'model-risk'] },
      { person: 'ben', roles: ['business', 'model-risk'], standsInFor: [{ person: 'abe', until: '2030-01-08' }] },
    ]);
    expect(by).toHaveLength(1);
    expect(fillSeats(seats, now.slice(1)).filter(({ person }) => person)).toHaveLength(1);
    expect(isQuorum(seats, now)).toBe(true);
  });

  it('stays with who has voted, is excluded, away as well, or needed where they are', () => {
    expect(moved([wish('abe', 'ben')], { voted: new Set(['abe']) }).moved).toEqual([]);
    expect(moved([wish('abe', 'dana')]).moved).toEqual([]);
    expect(moved([wish('abe', 'ben'), wish('ben', 'ada')]).moved.map(({ person }) => person)).toEqual(['ben']);
    const two = approvers.filter(({ person }) => person !== 'ada');
    expect(moved([wish('abe', 'ben')], { approvers: two }).moved).toEqual([]);
  });

  it('never lets four eyes, the number of people or one vote each be circumvented', () => {
    const names = ['ada', 'abe', 'ben', 'dana', 'dan'];
    const person = fc.constantFrom(...names);
    const many = fc.array(
      fc.record({ person, to: person }).map((one) => wish(one.person, one.to)),
      { maxLength: 6 },
    );
    const votes = fc.uniqueArray(fc.constantFrom('ada', 'abe', 'ben'), { maxLength: 2 });
    fc.assert(
      fc.property(many, votes, (known, voted) => {
        const { approvers: now } = moved(known, { voted: new Set(voted) });
        expect(isQuorum(seats, now)).toBe(true);
        expect(now.map((one) => one.person)).not.toContain('dana');
        expect(new Set(now.map((one) => one.person)).size).toBe(now.length);
        expect(now.length).toBeLessThanOrEqual(approvers.length);
        for (const one of voted) expect(now.map(({ person: id }) => id)).toContain(one);
        // Whoever gave a seat away has none.
        const gone = now.flatMap(({ standsInFor = [] }) => standsInFor.map((away) => away.person));
        for (const one of gone) expect(now.map(({ person: id }) => id)).not.toContain(one);
      }),
      { numRuns: 2_000 },
    );
  });
});
