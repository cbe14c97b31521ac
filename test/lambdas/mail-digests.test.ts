import { describe, expect, it } from '@jest/globals';
import { CONFIG, modelRow, releaseRow, versionRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const HOUR = 3_600_000;
const office = (timeZone: string) => ({
  timeZone,
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] as const,
  hours: ['09:00', '17:00'] as const,
  holidays: ['2030-01-01'],
});

/** Tue 1 Jan 2030, 00:00 UTC, a holiday. Ada works in Amsterdam (from 08:00 UTC), Abe and Ben in New York (from 14:00 UTC). */
function tierWithDigest(): ApprovalRoom {
  const critical = { ...CONFIG.tiers.critical!, digest: 'daily' as const };
  return new ApprovalRoom({
    config: {
      ...CONFIG,
      tiers: { ...CONFIG.tiers, critical },
      calendars: { default: office('America/New_York'), amsterdam: office('Europe/Amsterdam') },
      people: { ...CONFIG.people, ada: { ...CONFIG.people.ada!, calendar: 'amsterdam' } },
    },
  });
}

async function asked(hours = 200): Promise<ApprovalRoom> {
  const room = tierWithDigest();
  await room.ask(14, 'token', hours);
  return room;
}

/** Another request, of a model of another team. */
async function askAboutLoans(room: ApprovalRoom): Promise<void> {
  const request = room.request();
  const requestId = `r${'9'.repeat(40)}`;
  room.lineage.models.set('loans', { ...modelRow(), model: 'loans', team: 'lending' });
  room.lineage.releases.set('loans/3', { ...releaseRow({ release: 3, version: 2 }), model: 'loans' });
  room.lineage.versions.set('loans/2', { ...versionRow({ release: 3, version: 2 }), model: 'loans', team: 'lending' });
  const loans = {
    ...request,
    requestId,
    model: 'loans',
    release: 3,
    version: 2,
    expiresAt: '2030-01-05T00:00:00.000Z',
  };
  room.approvals.requests.set(requestId, loans);
  const reminder = [...room.approvals.reminders.values()][0]!;
  room.approvals.reminders.set(requestId, { ...reminder, requestId, model: 'loans', expiresAt: loans.expiresAt });
}

const digests = (room: ApprovalRoom) => room.askingMails().filter(({ tags }) => tags?.['launchway-digest']);
const readers = (room: ApprovalRoom) => digests(room).map(({ to, subject }) => `${to[0]!.split('@')[0]} ${subject}`);

describe('a tier with a daily digest', () => {
  it('asks nobody at once, and each when their next working day begins, once however often the event comes', async () => {
    const room = await asked();
    expect(room.askingMails()).toEqual([]);
    expect(room.request()).toMatchObject({ status: 'Pending', notified: true, mailed: 'daily' });
    room.clock.advance(32 * HOUR - 1); // Wed 2 Jan 2030, 08:00 UTC, but for a millisecond
    await room.remind();
    expect(readers(room)).toEqual([]);
    room.clock.advance(1);
    await Promise.all([room.remind(), room.remind()]);
    expect(readers(room)).toEqual(['ada Wed 2 Jan 2030: one request waits for your decision']);
    room.clock.advance(6 * HOUR);
    await room.remind();
    await room.remind();
    expect(readers(room).slice(1)).toEqual([
      expect.stringContaining('abe Wed 2 Jan 2030'),
      expect.stringContaining('ben Wed 2 Jan 2030'),
    ]);
    expect(room.problems).toEqual([]);
  });

  it('lists all that waits, soonest expiry first, each with verdict, expiry and a link of its own that decides it', async () => {
    const room = await asked();
    await askAboutLoans(room);
    room.clock.advance(32 * HOUR);
    await room.remind();
    const [mail, ...more] = digests(room);
    expect(more).toEqual([]);
    expect(mail!.subject).toBe('Wed 2 Jan 2030: 2 requests wait for your decision');
    expect(mail!.text.indexOf('loans version 2')).toBeLessThan(mail!.text.indexOf('flight-delays version 7'));
    expect(mail!.text.match(/It is the first version, and nothing serves yet\./g)).toHaveLength(2);
    expect(mail!.text).toContain('Sat 5 Jan 2030, 01:00 (Europe/Amsterdam)');
    const links = mail!.text.match(/https:\/\/approvals\.example\.com\/\S+/g)!;
    expect(new Set(links.map((link) => new URL(link).pathname)).size).toBe(2);
    const flights = links.find((link) => link.includes(room.request().requestId))!;
    expect((await room.decide(flights, { decision: 'approve', reason: '' })).body).toContain('Recorded: you approved.');
    expect([...room.approvals.votes.values()]).toMatchObject([{ person: 'ada', requestId: room.request().requestId }]);
  });

  it('keeps with each request what it says of its own team, without a link', async () => {
    const room = await asked();
    await askAboutLoans(room);
    room.clock.advance(32 * HOUR);
    await room.remind();
    const kept = [...room.archived].filter(([key]) => key.includes('/mail-'));
    expect(kept.map(([key]) => key.split('/').slice(0, 2).join('/')).sort()).toEqual([
      'lending/loans',
      `${room.version().team}/flight-delays`,
    ]);
    for (const [key, text] of kept) {
      expect(text).toContain('[link]');
      expect(text).not.toContain('link=');
      expect(text).not.toContain(key.startsWith('lending') ? 'flight-delays version' : 'loans');
    }
  });

  it('goes on each working day until who reads it has decided, and is silent on others', async () => {
    const room = await asked();
    room.clock.advance(32 * HOUR);
    await room.remind();
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    for (let hour = 0; hour < 4 * 24; hour++) {
      room.clock.advance(HOUR);
      await room.remind();
    }
    // Until Sun 6 Jan, 08:00 UTC: Wednesday, Thursday, Friday.
    const of = (person: string) => readers(room).filter((one) => one.startsWith(person));
    expect(of('ada')).toHaveLength(1);
    expect(of('ben').map((one) => one.slice(4, 7))).toEqual(['Wed', 'Thu', 'Fri']);
  });

  it('asks at once whom the next digest would reach too late', async () => {
    const room = await asked(38); // until Wed 2 Jan, 14:00 UTC: Ada's hours begin before, New York's just then
    expect(room.askingMails().map(({ to, subject }) => `${to[0]} ${subject}`)).toEqual(
      ['abe', 'ben'].map((who) => expect.stringMatching(new RegExp(`^${who}@.* version 7: .* may it serve`))),
    );
    expect((await asked(32.99)).askingMails()).toHaveLength(3);
    expect((await asked(200)).askingMails()).toHaveLength(0);
  });

  it('that bounces is noted on each request that it lists', async () => {
    const room = await asked();
    await askAboutLoans(room);
    room.clock.advance(32 * HOUR);
    await room.remind();
    expect(await room.bounce('ada')).toEqual({ recorded: true });
    expect(room.request().unreachable).toEqual(['ada']);
    expect(room.request(`r${'9'.repeat(40)}`).unreachable).toEqual(['ada']);
    expect(await room.bounce('ada')).toEqual({ recorded: false });
  });

  it('that cannot be handed over is told, and comes the next day', async () => {
    const room = await asked();
    room.clock.advance(32 * HOUR);
    room.mailer.failWith = new Error('throttled');
    await room.remind();
    expect(room.problems).toEqual([room.mailer.failWith]);
    room.mailer.failWith = undefined;
    await room.remind();
    expect(digests(room)).toEqual([]);
    room.clock.advance(24 * HOUR);
    await room.remind();
    expect(readers(room)).toContainEqual(expect.stringContaining('ada Thu 3 Jan 2030'));
  });
});

it('tiers without a digest ask each approver at once', async () => {
  const room = new ApprovalRoom();
  await room.ask();
  expect(room.askingMails()).toHaveLength(3);
  room.clock.advance(9 * HOUR);
  await room.remind();
  expect(digests(room)).toEqual([]);
});
