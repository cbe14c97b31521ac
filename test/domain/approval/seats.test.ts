import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalMailbox, eligibleApprovers, fillSeats, isQuorum, seatsFor } from '../../../domain/approval/seats.ts';
import type { DeployedConfig } from '../../../domain/deployed-config.ts';
import { CONFIG, TEAM } from '../../support/approval-fixtures.ts';

const seats = seatsFor(CONFIG, 'critical', {});
const submitter = (person: string) => ({ principal: `arn:aws:iam::000000000000:user/${person}`, person });

describe('seats', () => {
  it('are the tier’s, and model.yaml can only add', () => {
    expect(seatsFor(CONFIG, 'standard', {})).toEqual([{ role: 'model-risk', people: 1 }]);
    expect(seatsFor(CONFIG, 'standard', { 'model-risk': 2, business: 1 })).toEqual([
      { role: 'business', people: 1 },
      { role: 'model-risk', people: 2 },
    ]);
    expect(seatsFor(CONFIG, 'critical', { 'model-risk': 0, business: 0 })).toEqual(seats);
  });

  it('are never none, and the tier must exist', () => {
    expect(() => seatsFor(CONFIG, '__proto__', {})).toThrow(
      'expected one of the tiers standard, critical, got __proto__',
    );
    const lax: DeployedConfig = { ...CONFIG, tiers: { lax: { approvals: {}, gates: [], expiresBusinessHours: 1 } } };
    expect(() => seatsFor(lax, 'lax', {})).toThrow('expected tier lax to ask at least one person, got no seats');
  });

  it('are filled by distinct people in whatever order they vote', () => {
    const ada = { person: 'ada', roles: ['business', 'model-risk'] };
    const abe = { person: 'abe', roles: ['model-risk'] };
    const ben = { person: 'ben', roles: ['business'] };
    expect(isQuorum(seats, [ada])).toBe(false);
    expect(isQuorum(seats, [ada, abe])).toBe(true);
    expect(isQuorum(seats, [ada, ben])).toBe(true);
    expect(isQuorum(seats, [abe])).toBe(false);
    expect(fillSeats(seats, [ada])).toEqual([{ role: 'business', person: 'ada' }, { role: 'model-risk' }]);
    expect(fillSeats(seats, [ada, ben])).toEqual([
      { role: 'business', person: 'ben' },
      { role: 'model-risk', person: 'ada' },
    ]);
  });

  it('agree with trying every assignment', () => {
    const role = fc.constantFrom('a', 'b', 'c');
    const people = fc.array(fc.uniqueArray(role, { maxLength: 3 }), { maxLength: 5 });
    const asked = fc.record({ a: fc.nat({ max: 2 }), b: fc.nat({ max: 2 }), c: fc.nat({ max: 1 }) });
    const every = (places: readonly string[], left: readonly (readonly string[])[]): boolean =>
      places.length === 0 ||
      left.some((roles, i) => roles.includes(places[0]!) && every(places.slice(1), left.toSpliced(i, 1)));
    fc.assert(
      fc.property(asked, people, (counts, held) => {
        const wanted = Object.entries(counts).map(([name, count]) => ({ role: name, people: count }));
        const places = wanted.flatMap(({ role: name, people: count }) => Array.from({ length: count }, () => name));
        const voters = held.map((roles, i) => ({ person: `p${i}`, roles }));
        expect(isQuorum(wanted, voters)).toBe(every(places, held));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('four eyes', () => {
  const people = (involved: readonly { principal: string; person?: string }[], config = CONFIG) =>
    eligibleApprovers(config, seats, TEAM, involved).approvers.map(({ person }) => person);

  it('keeps the submitter out, and lets the others decide', () => {
    expect(people([submitter('dana')])).toEqual(['abe', 'ada', 'ben']);
    expect(people([submitter('ada')])).toEqual(['abe', 'ben', 'dana']);
  });

  it('says why someone is not asked', () => {
    expect(eligibleApprovers(CONFIG, seats, TEAM, [submitter('dana')]).excluded).toEqual([
      { person: 'dana', why: 'submitted or edited what is asked about' },
    ]);
  });

  it('keeps every member of the owning team out where the submitter is known to no identity', () => {
    const unknown = { principal: 'arn:aws:sts::000000000000:assumed-role/ci/run' };
    expect(people([unknown])).toEqual(['abe', 'ada', 'ben']);
    expect(people([unknown, submitter('ada')])).toEqual(['abe', 'ben']);
    expect(people([{ ...unknown, person: 'nobody' }])).toEqual(['abe', 'ada', 'ben']);
  });

  it('recognises a submitter by the principal alone', () => {
    expect(people([{ principal: 'arn:aws:iam::000000000000:user/ada' }])).toEqual(['abe', 'ben', 'dana']);
  });

  it('keeps out everyone who shares the role that submitted, in the team or not: S3 names a role and its session', () => {
    const shared = 'arn:aws:iam::000000000000:role/risk-desk';
    const together: DeployedConfig = {
      ...CONFIG,
      people: {
        ...CONFIG.people,
        abe: { ...CONFIG.people.abe!, principals: [shared] },
        ben: { ...CONFIG.people.ben!, principals: ['AROArisk-desk'] },
      },
    };
    expect(people([{ principal: 'AROArisk-desk:laptop' }], together)).toEqual(['ada', 'dana']);
    expect(people([{ principal: 'AROArisk-desk-of-others:laptop' }], together)).toEqual(['abe', 'ada', 'ben']);
  });

  it('is not passed by another name for the same mailbox or the same principal: generated aliases', () => {
    const tag = fc.stringMatching(/^[a-z0-9]{0,8}$/);
    const casing = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(tag, casing, fc.boolean(), (suffix, upper, sharesPrincipal) => {
        const plain = sharesPrincipal ? 'other@example.com' : `ada${suffix ? `+${suffix}` : ''}@example.com`;
        const email = [...plain].map((c, i) => (upper[i % 16] ? c.toUpperCase() : c)).join('');
        const principals = sharesPrincipal ? CONFIG.people.ada!.principals : [];
        const aliased: DeployedConfig = {
          ...CONFIG,
          roles: { ...CONFIG.roles, business: ['ben', 'alias'] },
          people: { ...CONFIG.people, alias: { name: 'Alias', email, principals } },
        };
        expect(people([submitter('ada')], aliased)).not.toContain('alias');
        const together = people([submitter('dana')], aliased);
        expect(together.filter((person) => person === 'alias' || person === 'ada')).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a role that names nobody configured', () => {
    const broken = { ...CONFIG, roles: { ...CONFIG.roles, business: ['ghost'] } };
    expect(() => people([], broken)).toThrow('expected ghost among the configured people, got none');
  });

  it('knows a mailbox whatever its spelling', () => {
    expect(canonicalMailbox(' Ada+x@Example.COM ')).toBe('ada@example.com');
    expect(canonicalMailbox('not an address')).toBe('not an address');
  });
});
