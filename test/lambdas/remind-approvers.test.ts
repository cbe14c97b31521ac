import { describe, expect, it } from '@jest/globals';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { CONFIG, DEFINITION, releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const HOUR = 3_600_000;

/** Tue 1 Jan 2030, 00:00 UTC; asked for 48 hours, so all of it is business time. */
async function asked(escalateTo: readonly string[] = [], others: DeployedConfig['people'] = {}): Promise<ApprovalRoom> {
  const critical = { ...CONFIG.tiers.critical!, escalateTo };
  const eve = { name: 'Eve', email: 'eve@example.com', principals: ['arn:aws:iam::000000000000:user/eve'] };
  const config = { ...CONFIG, tiers: { ...CONFIG.tiers, critical }, people: { ...CONFIG.people, eve, ...others } };
  const room = new ApprovalRoom({ definition: DEFINITION, config });
  await room.ask(14, 'token', 48);
  return room;
}

const subjects = (room: ApprovalRoom) =>
  room.askingMails().map(({ to, subject }) => `${to[0]!.split('@')[0]} ${subject}`);
const since = (room: ApprovalRoom, count: number) => subjects(room).slice(count);

describe('people who have not decided', () => {
  it('are reminded at half of the time, once however often the event comes', async () => {
    const room = await asked();
    room.clock.advance(24 * HOUR - 1);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    room.clock.advance(1);
    expect(await Promise.all([room.remind(), room.remind()])).toContainEqual({ reminded: 1, escalated: 0 });
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(since(room, 3)).toEqual(
      ['abe', 'ada', 'ben'].map((who) => expect.stringContaining(`${who} [flight-delays] reminder: version 7`)),
    );
    expect(room.askingMails().at(-1)!.text).toMatch(
      /It expires on Thu 3 Jan 2030, 00:00\s+UTC,\s+!?\s*and silence is a no\./,
    );
  });

  it('are not reminded of what they have decided', async () => {
    const room = await asked();
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    room.clock.advance(24 * HOUR);
    await room.remind();
    expect(since(room, 3).map((one) => one.split(' ')[0])).toEqual(['abe', 'ben']);
  });

  it('get one mail where an event is late for two stages', async () => {
    const room = await asked();
    room.clock.advance(40 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 1 });
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(since(room, 3)).toEqual(Array(3).fill(expect.stringContaining('last reminder')));
  });

  it('hear nothing once it is decided or over, and a request that is asked again begins anew', async () => {
    const room = await asked();
    room.clock.advance(49 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(room.approvals.reminders.size).toBe(0);
    await room.ask(14, 'another-token', 48);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    room.clock.advance(25 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 1, escalated: 0 });
    await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'no' });
    await room.remind();
    expect(room.approvals.reminders.size).toBe(0);
  });

  it('are not pressed on weekends', async () => {
    const room = new ApprovalRoom();
    room.clock.advance(3 * 24 * HOUR + 12 * HOUR); // Fri 4 Jan 2030, 12:00 UTC
    await room.ask(14, 'token', 72); // until Mon 12:00 UTC: 24 business hours
    room.clock.advance(40 * HOUR); // Sun 04:00: twelve of them are over
    expect(await room.remind()).toEqual({ reminded: 1, escalated: 0 });
    room.clock.advance(20 * HOUR); // Mon 00:00
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    room.clock.advance(6 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 1 });
  });
});

describe('people in several calendars', () => {
  const office = (timeZone: string) => ({
    timeZone,
    days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] as const,
    hours: ['09:00', '17:00'] as const,
    holidays: [],
  });
  /** Ada in Amsterdam (08:00–16:00 UTC), Abe and Ben in New York (14:00–22:00 UTC); eight hours from Tue 1 Jan 2030, 00:00 UTC. */
  const room = (hours = 8) =>
    new ApprovalRoom({
      config: {
        ...CONFIG,
        calendars: { default: office('America/New_York'), amsterdam: office('Europe/Amsterdam') },
        people: { ...CONFIG.people, ada: { ...CONFIG.people.ada!, calendar: 'amsterdam' } },
      },
      definition: { ...DEFINITION, approval: { require: {}, expiresBusinessHours: hours } },
    });

  it('all have their hours: the last of them decides when silence is a no', async () => {
    expect(await room().plan()).toBe((22 + 0.25) * 3_600);
    // Two and a half days of eight hours: until Thursday noon in New York.
    expect(await room(20).plan()).toBe((48 + 18 + 0.25) * 3_600);
  });

  it('never wait for more than 55 days', async () => {
    expect(await room(480).plan()).toBe((55 * 24 + 0.25) * 3_600);
  });

  it('are reminded by their own clocks, and escalated past once the last has had three quarters', async () => {
    const asked = room();
    await asked.ask(14, 'token', 22);
    asked.clock.advance(13 * HOUR); // 13:00 UTC: Ada has had five of eight hours, the others none
    expect(await asked.remind()).toEqual({ reminded: 1, escalated: 0 });
    expect(since(asked, 3).map((one) => one.split(' ')[0])).toEqual(['ada']);
    asked.clock.advance(5 * HOUR); // 18:00 UTC: half of New York's day
    expect(await asked.remind()).toEqual({ reminded: 1, escalated: 0 });
    expect(since(asked, 4).map((one) => one.split(' ')[0])).toEqual(['abe', 'ben']);
    expect(await asked.remind()).toEqual({ reminded: 0, escalated: 0 });
    asked.clock.advance(2 * HOUR);
    expect(await asked.remind()).toEqual({ reminded: 0, escalated: 1 });
    expect(since(asked, 6)).toEqual(Array(3).fill(expect.stringContaining('last reminder')));
  });
});

describe('escalation', () => {
  it('gives those whom the tier names a vote, and page and mail say so', async () => {
    const room = await asked(['eve']);
    room.clock.advance(36 * HOUR);
    await room.remind();
    expect(since(room, 3).at(-1)).toContain('eve [flight-delays] escalated to you: version 7');
    const page = await room.http('GET', room.linkFor('eve'));
    expect(page.body).toContain('because those who were asked first have not decided');
    expect(page.body).toContain('you (asked later, because others had not decided)');
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    await room.decide(room.linkFor('eve'), { decision: 'approve', reason: '' });
    expect(room.request().status).toBe('Approved');
    expect(room.approvals.audit.map(({ type }) => type)).toContain('ApprovalEscalated');
  });

  it('asks nobody whom four eyes exclude, nor anybody twice', async () => {
    const room = await asked(['dana', 'ada', 'eve']);
    room.clock.advance(36 * HOUR);
    await room.remind();
    expect(
      room
        .request()
        .approvers.filter(({ escalated }) => escalated)
        .map(({ person }) => person),
    ).toEqual(['eve']);
    expect(releaseRow().submitter.person).toBe('dana');
  });

  it('A9: gives nobody a second vote under another id', async () => {
    const twin = { name: 'Ada again', email: 'Ada+risk@example.com', principals: [] };
    const room = await asked(['aaa', 'eve'], { aaa: twin });
    room.clock.advance(36 * HOUR);
    await room.remind();
    expect(room.request().approvers.map(({ person }) => person)).toEqual(['abe', 'ada', 'ben', 'eve']);
  });

  it('is not lost on a vote that comes at the same moment', async () => {
    const room = await asked(['eve']);
    room.clock.advance(36 * HOUR);
    await Promise.all([room.remind(), room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' })]);
    await room.remind();
    expect(room.request().approvers.map(({ person }) => person)).toContain('eve');
    expect(subjects(room).filter((one) => one.startsWith('eve'))).toHaveLength(1);
  });

  it('goes on where mails cannot be handed over', async () => {
    const room = await asked(['eve']);
    room.mailer.failWith = new Error('mailbox full');
    room.clock.advance(36 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 1 });
    expect(room.problems).toHaveLength(4);
  });
});

describe('somebody who is away', () => {
  const delegation = { person: 'abe', to: 'ben', from: '2030-01-01', until: '2030-01-08' };
  const who = (room: ApprovalRoom) => room.request().approvers.map(({ person }) => person);

  it('is not asked: the one who stands in is, once, and what is asked records it', async () => {
    const room = new ApprovalRoom({ config: { ...CONFIG, delegations: [delegation] } });
    await room.ask();
    expect(who(room)).toEqual(['ada', 'ben']);
    expect(subjects(room).map((one) => one.split(' ')[0])).toEqual(['ada', 'ben']);
    expect(room.approvals.audit[0]).toMatchObject({ type: 'ApprovalRequested', details: { delegated: [delegation] } });
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    await room.decide(room.linkFor('ben'), { decision: 'approve', reason: '' });
    expect(room.request().status).toBe('Approved');
  });

  it('who leaves while people are asked hands the seat over then, and the old link decides nothing', async () => {
    const config = { ...CONFIG, delegations: [{ ...delegation, from: '2030-01-02' }] };
    const room = new ApprovalRoom({ config });
    await room.ask(14, 'token', 72);
    const link = room.linkFor('abe');
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(who(room)).toEqual(['abe', 'ada', 'ben']);
    room.clock.advance(24 * HOUR);
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(await room.remind()).toEqual({ reminded: 0, escalated: 0 });
    expect(who(room)).toEqual(['ada', 'ben']);
    expect(since(room, 3)).toEqual([expect.stringContaining('ben [flight-delays] you stand in: version 7')]);
    expect(room.approvals.audit.map(({ type }) => type)).toEqual(['ApprovalRequested', 'SeatsMoved']);
    expect((await room.decide(link, { decision: 'approve', reason: '' })).statusCode).toBe(403);
    expect(room.approvals.votes.size).toBe(0);
  });

  it('who has voted before leaving keeps the vote and the seat', async () => {
    const room = new ApprovalRoom({ config: { ...CONFIG, delegations: [{ ...delegation, from: '2030-01-02' }] } });
    await room.ask(14, 'token', 72);
    await room.decide(room.linkFor('abe'), { decision: 'approve', reason: '' });
    room.clock.advance(24 * HOUR);
    await room.remind();
    expect(who(room)).toEqual(['abe', 'ada', 'ben']);
  });

  it('loses no seat to a vote that commits at the same moment', async () => {
    const room = new ApprovalRoom({ config: { ...CONFIG, delegations: [{ ...delegation, from: '2030-01-02' }] } });
    await room.ask(14, 'token', 72);
    const link = room.linkFor('abe');
    room.clock.advance(24 * HOUR);
    await Promise.all([room.remind(), room.decide(link, { decision: 'approve', reason: '' })]);
    const voted = room.approvals.votes.has(`${room.request().requestId}/abe`);
    expect(who(room).includes('abe')).toBe(voted);
  });
});
