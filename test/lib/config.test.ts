import { describe, expect, it } from '@jest/globals';
import local from '../../launchway.config.ts';
import { defineConfig, deployedConfig, prefixOf } from '../../lib/config.ts';

describe('the deployed configuration', () => {
  it('accepts the example for the stage local', () => {
    expect(prefixOf(local)).toBe('launchway-local');
    expect(deployedConfig(local)).toMatchObject({ prefix: 'launchway-local', mail: local.mail, roles: local.roles });
  });

  it('names every person who does not exist, at once', () => {
    const config = {
      ...local,
      roles: { ...local.roles, 'model-risk': ['nobody'] },
      teams: { ...local.teams, lending: { ...local.teams.lending!, members: ['ghost'] } },
    };
    expect(() => defineConfig(config)).toThrow(
      'launchway.config.ts has 2 problems:\n  roles.model-risk: expected one of people, got "nobody"\n  teams.lending.members: expected one of people, got "ghost"',
    );
  });

  it('refuses a tier whose seats nobody can fill', () => {
    const config = { ...local, tiers: { standard: { ...local.tiers.standard!, approvals: { 'model-risk': 2 } } } };
    expect(() => defineConfig(config)).toThrow(
      'tiers.standard.approvals.model-risk: expected 2 people in the role, got 1',
    );
  });

  it('refuses a tier that asks nobody', () => {
    const config = { ...local, tiers: { standard: { ...local.tiers.standard!, approvals: {} } } };
    expect(() => defineConfig(config)).toThrow('tiers.standard.approvals: expected at least one seat, got none');
  });

  it('refuses a change ticket that is no pattern, or that nothing at all would do for', () => {
    const asking = (changeTicket: string) => () =>
      defineConfig({ ...local, tiers: { standard: { ...local.tiers.standard!, changeTicket } } });
    expect(asking('CHG[0-9]{7}')().tiers.standard!.changeTicket).toBe('CHG[0-9]{7}');
    for (const pattern of ['CHG[', '.*', '']) expect(asking(pattern)).toThrow('tiers.standard.changeTicket');
  });

  it('has a tier mail a daily digest, and no other', () => {
    const mailing = (digest: string) => () =>
      defineConfig({ ...local, tiers: { standard: { ...local.tiers.standard!, digest: digest as 'daily' } } });
    expect(deployedConfig(mailing('daily')()).tiers.standard!.digest).toBe('daily');
    expect(mailing('weekly')).toThrow('tiers.standard.digest');
  });

  it('has every approval of a tier reviewed within whole days, ten years at the most', () => {
    const within = (reviewWithinDays: number) => () =>
      defineConfig({ ...local, tiers: { standard: { ...local.tiers.standard!, reviewWithinDays } } });
    expect(deployedConfig(within(365)()).tiers.standard!.reviewWithinDays).toBe(365);
    for (const days of [0, 1.5, -1, 3_651]) expect(within(days)).toThrow('tiers.standard.reviewWithinDays');
  });

  it('refuses a stage of kind prod without a sign-in issuer', () => {
    expect(() => defineConfig({ ...local, stage: { name: 'prod', kind: 'prod' } })).toThrow(
      'issuer: expected a sign-in issuer for a stage of kind prod, got none',
    );
  });

  describe('with an issuer', () => {
    const issuer = { url: 'https://login.example.com', clientId: 'launchway' };
    const people = Object.fromEntries(
      Object.entries(local.people).map(([id, person]) => [id, { ...person, subjects: [`sub-${id}`] }]),
    );
    const prod = { ...local, stage: { name: 'prod', kind: 'prod' as const }, people, issuer };

    it('accepts a stage of kind prod', () => {
      expect(deployedConfig(defineConfig(prod)).issuer).toEqual({
        ...issuer,
        subjectClaim: 'sub',
        scopes: [],
        sessionMinutes: 60,
      });
    });

    it.each([
      [{ url: 'http://login.example.com' }, 'issuer.url: expected an https address'],
      [{ url: 'https://login.example.com?tenant=1' }, 'issuer.url: expected an issuer identifier'],
      [{ url: 'http://127.0.0.1:4567' }, 'issuer.url: expected an issuer that others reach for a stage of kind prod'],
      [{ subjectClaim: 'email' }, 'issuer.subjectClaim: expected a claim that names a person for ever'],
      [{ subjectClaim: 'preferred_username' }, 'issuer.subjectClaim: expected a claim'],
      [
        { groups: { claim: 'groups', roles: { nobody: 'g' } } },
        'issuer.groups.roles: expected one of roles, got "nobody"',
      ],
      [{ sessionMinutes: 10_000 }, 'issuer.sessionMinutes'],
      [{ clientSecret: 's' }, 'Unrecognized key: "clientSecret"'],
    ])('refuses %j', (change, problem) => {
      expect(() => defineConfig({ ...prod, issuer: { ...issuer, ...change } as never })).toThrow(problem);
    });

    it('refuses people who decide and are nobody to the issuer', () => {
      expect(() =>
        defineConfig({ ...prod, people: { ...people, 'ada-approver': { ...people['ada-approver']!, subjects: [] } } }),
      ).toThrow("people.ada-approver.subjects: expected the issuer's name of somebody who decides, got none");
    });

    it('refuses one subject for two people', () => {
      const twins = { ...people, 'ben-business': { ...people['ben-business']!, subjects: ['sub-ada-approver'] } };
      expect(() => defineConfig({ ...prod, people: twins })).toThrow(
        'people: expected one person with the subject "sub-ada-approver", got ada-approver and ben-business',
      );
    });
  });

  it('refuses what it understands but does not do, instead of ignoring it', () => {
    expect(() => defineConfig({ ...local, exposure: 'private' })).toThrow('exposure: private is not implemented yet');
  });

  it('refuses to accept links of a key before the first', () => {
    expect(() => defineConfig({ ...local, linkKeys: { generation: 1, acceptFormer: true } })).toThrow(
      'linkKeys: expected a generation above 1 where a former one is accepted',
    );
  });

  it('names a network that cannot be one', () => {
    const vpc = { subnets: ['vpc-1'], securityGroups: [] };
    expect(() => defineConfig({ ...local, vpc })).toThrow('vpc.subnets.0: expected a subnet such as subnet-0a1b2c3d');
  });

  it('names an unknown key', () => {
    expect(() => defineConfig({ ...local, teamz: {} } as never)).toThrow('Unrecognized key: "teamz"');
  });

  it('fills in office hours for a calendar, and refuses one that nobody could work by', () => {
    const calendars = { amsterdam: { timeZone: 'Europe/Amsterdam', holidays: ['2026-12-25'] } };
    expect(deployedConfig(defineConfig({ ...local, calendars })).calendars).toEqual({
      amsterdam: {
        timeZone: 'Europe/Amsterdam',
        days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
        hours: ['09:00', '17:00'],
        holidays: ['2026-12-25'],
      },
    });
    const wrong = {
      timeZone: 'Europe/Amsterdm',
      days: [],
      hours: ['17:00', '09:00'] as [string, string],
      holidays: ['25/12'],
    };
    expect(() => defineConfig({ ...local, calendars: { wrong } })).toThrow(
      /4 problems:\n.*timeZone: expected an IANA[^\n]*\n.*days: expected at least one[^\n]*\n.*hours: expected hours that end[^\n]*\n.*holidays.0: expected a date/,
    );
    const people = { ...local.people, 'ada-approver': { ...local.people['ada-approver']!, calendar: 'lost' } };
    expect(() => defineConfig({ ...local, people, roleCalendars: { nobody: 'lost' } })).toThrow(
      'people.ada-approver.calendar: expected one of calendars (amsterdam), got "lost"',
    );
  });
});
