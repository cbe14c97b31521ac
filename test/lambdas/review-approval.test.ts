import { describe, expect, it } from '@jest/globals';
import { decideByCommand } from '../../lambdas/decide-by-command/decide-by-command.ts';
import { CONFIG } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const DAY = 86_400_000;

/** Asked on Tue 1 Jan 2030, 00:00 UTC; both seats are filled, by the page, and the version serves. */
async function approved(ada = '2030-03-01', ben = '', reviewWithinDays?: number): Promise<ApprovalRoom> {
  const critical = { ...CONFIG.tiers.critical!, ...(reviewWithinDays !== undefined && { reviewWithinDays }) };
  const room = new ApprovalRoom({ config: { ...CONFIG, tiers: { ...CONFIG.tiers, critical } } });
  await room.ask();
  await room.decide(room.linkFor('ada'), { decision: 'approve', reviewBy: ada });
  await room.decide(room.linkFor('ben'), { decision: 'approve', reviewBy: ben });
  serve(room, 7);
  return room;
}

function serve(room: ApprovalRoom, version: number): void {
  const model = room.lineage.models.get('flight-delays')!;
  room.lineage.models.set('flight-delays', {
    ...model,
    champion: { version, endpointName: 'e', endpointConfigName: `e-v${version}`, since: '2030-01-01T01:00:00.000Z' },
  });
}

const reviewMails = (room: ApprovalRoom) => room.mailer.sent.filter(({ subject }) => subject.includes('reviewed'));
const audited = (room: ApprovalRoom, type: string) => room.approvals.audit.filter((one) => one.type === type);

async function list(room: ApprovalRoom, user: string) {
  const answer = await decideByCommand({ ...room.commandDependencies(), accountId: '000000000000' })({
    rawPath: '/commands/approvals',
    isBase64Encoded: false,
    requestContext: {
      http: { method: 'GET' },
      authorizer: {
        iam: { userArn: `arn:aws:iam::000000000000:user/${user}`, callerId: user, accountId: '000000000000' },
      },
    },
  });
  return JSON.parse(answer.body).reviews;
}

describe('an approval with a day of review', () => {
  it('has the earliest that an approver set, on version, vote, audit and page', async () => {
    const room = await approved('2030-03-01', '2030-02-01');
    expect(room.version().approval).toMatchObject({ approvers: ['ada', 'ben'], reviewBy: '2030-02-01' });
    expect([...room.approvals.votes.values()].map(({ reviewBy }) => reviewBy)).toEqual(['2030-03-01', '2030-02-01']);
    expect(audited(room, 'VoteRecorded')[0]).toMatchObject({ actor: 'ada', details: { reviewBy: '2030-03-01' } });
    expect(audited(room, 'DecisionRecorded')[0]).toMatchObject({ actor: 'ben', details: { reviewBy: '2030-02-01' } });
    const { body } = await room.http('GET', room.linkFor('ada'));
    expect(body).toContain('Deciding is over. The approval is to be reviewed by Fri 1 Feb 2030.');
    expect(body).toContain('Ada, to be reviewed by Fri 1 Mar 2030');
  });

  it('tells the owner and those who approved, once, when it is due, and goes on serving', async () => {
    const room = await approved();
    room.clock.advance(59 * DAY - 1); // Thu 28 Feb 2030, to the last millisecond
    await room.remind();
    expect(reviewMails(room)).toEqual([]);
    expect(await list(room, 'ada')).toEqual([]);
    room.clock.advance(1);
    await Promise.all([room.remind(), room.remind()]);
    await room.remind();
    room.clock.advance(400 * DAY);
    await room.remind();
    const [mail, ...more] = reviewMails(room);
    expect(more).toEqual([]);
    const { owner, champion } = room.lineage.models.get('flight-delays')!;
    expect(mail).toMatchObject({
      to: [owner, 'ada@example.com', 'ben@example.com'],
      subject: '[flight-delays] version 7: its approval is to be reviewed',
    });
    expect(mail!.text).toMatch(/was to be reviewed by\s+!?\s*Fri 1 Mar 2030/);
    expect(mail!.text).toMatch(/it goes on\s+serving/);
    expect(audited(room, 'ApprovalReviewDue')).toEqual([
      expect.objectContaining({ subject: `approval/${room.request().requestId}` }),
    ]);
    expect(champion?.version).toBe(7);
    expect(room.version().approval?.revoked).toBeUndefined();
    expect(room.problems).toEqual([]);
  });

  it('is listed while it is due, for whom it is', async () => {
    const room = await approved();
    room.clock.advance(60 * DAY);
    const due = { model: 'flight-delays', version: 7, reviewBy: '2030-03-01', approvedBy: ['Ada', 'Ben'] };
    expect(await list(room, 'ada')).toEqual([{ ...due, mine: true }]);
    expect(await list(room, 'abe')).toEqual([{ ...due, mine: false }]);
    expect((await room.http('GET', room.linkFor('ada'))).statusCode).toBe(410);
    serve(room, 8);
    expect(await list(room, 'ada')).toEqual([]);
  });

  it('is told of a version only while that serves: a former one when it is restored', async () => {
    const room = await approved();
    serve(room, 8);
    room.clock.advance(60 * DAY);
    await room.remind();
    expect(reviewMails(room)).toEqual([]);
    serve(room, 7);
    await room.remind();
    expect(reviewMails(room)).toHaveLength(1);
  });

  it('is not told where the approval was taken back', async () => {
    const room = await approved();
    await room.decide(room.linkFor('ada'), { act: 'revoke', why: 'the data was wrong' });
    expect(room.version().approval?.revoked).toMatchObject({ by: 'ada' });
    room.clock.advance(60 * DAY);
    await room.remind();
    expect(reviewMails(room)).toEqual([]);
    expect(await list(room, 'ada')).toEqual([]);
  });

  it('stays recorded and due where its mail cannot be handed over', async () => {
    const room = await approved();
    room.clock.advance(60 * DAY);
    room.mailer.failWith = new Error('throttled');
    await room.remind();
    expect(room.problems).toEqual([room.mailer.failWith]);
    expect(await list(room, 'ada')).toHaveLength(1);
  });

  it.each([
    ['today', '2030-01-01', 'A day of review is later than today (UTC).'],
    ['the past', '2029-12-31', 'A day of review is later than today (UTC).'],
    ['30 February', '2030-02-30', 'A day of review is a date, written as 2027-01-31.'],
    ['words', '<b>soon', 'A day of review is a date, written as 2027-01-31.'],
  ])('cannot be for %s, and what was typed is not lost', async (_, reviewBy, why) => {
    const room = new ApprovalRoom();
    await room.ask();
    const page = await room.decide(room.linkFor('ada'), { decision: 'approve', reason: 'fine', reviewBy });
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain(why);
    expect(page.body).toContain('>fine</textarea>');
    expect(page.body).not.toContain('<b>');
    expect(room.approvals.votes.size).toBe(0);
    expect((await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no', reviewBy })).statusCode).toBe(
      200,
    );
  });
});

describe('a tier that has every approval reviewed', () => {
  it('says so in the mail and on the page, and sets the day where nobody does', async () => {
    const room = await approved('', '', 90);
    expect(room.askingMails()[0]!.text).toMatch(
      /Review\s+an approval is reviewed within 90 days; it goes on\s+serving/,
    );
    expect(room.version().approval?.reviewBy).toBe('2030-04-01');
  });

  it('takes an earlier day and refuses a later one', async () => {
    const room = await approved('2030-04-02', '2030-04-01', 90);
    expect(room.request().status).toBe('Pending');
    const page = await room.decide(room.linkFor('ada'), { decision: 'approve', reviewBy: '2030-04-02' });
    expect(page.body).toContain('An approval of this tier is reviewed by 2030-04-01 at the latest.');
    expect(page.body).toContain('At most 90 days from now');
    await room.decide(room.linkFor('ada'), { decision: 'approve', reviewBy: '2030-01-02' });
    expect(room.version().approval?.reviewBy).toBe('2030-01-02');
  });
});

it('an approval without a day of review is never due', async () => {
  const room = await approved('', '');
  expect(room.version().approval).not.toHaveProperty('reviewBy');
  room.clock.advance(4_000 * DAY);
  await room.remind();
  expect(reviewMails(room)).toEqual([]);
});
