import { describe, expect, it } from '@jest/globals';
import { decideByCommand } from '../../lambdas/decide-by-command/decide-by-command.ts';
import { CONFIG } from '../support/approval-fixtures.ts';
import { ApprovalRoom, CANARY } from '../support/approval-room.ts';

const ID = `r${'1'.padStart(40, '0')}`;
const ACCOUNT = '000000000000';

async function asked(config = CONFIG): Promise<ApprovalRoom> {
  const room = new ApprovalRoom({ config });
  await room.ask();
  return room;
}

/** What API Gateway hands on of a signed request. */
async function command(room: ApprovalRoom, user: string, method = 'GET', path = '', body?: unknown) {
  const answer = await decideByCommand({ ...room.commandDependencies(), accountId: ACCOUNT })({
    rawPath: `/commands/approvals${path}`,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      http: { method },
      authorizer: { iam: { userArn: `arn:aws:iam::${ACCOUNT}:user/${user}`, callerId: user, accountId: ACCOUNT } },
    },
  });
  return { ...JSON.parse(answer.body), code: answer.statusCode };
}

const decide = (room: ApprovalRoom, user: string, change: object = {}) =>
  command(room, user, 'POST', `/${ID}`, { decision: 'approve', digest: room.request().digest, ...change });

describe('deciding as an IAM identity', () => {
  it('lists what is open, who is asked and what waits for the caller', async () => {
    const room = await asked();
    const { person, requests } = await command(room, 'ada');
    expect(person).toBe('Ada');
    expect(requests).toEqual([
      expect.objectContaining({
        requestId: ID,
        model: 'flight-delays',
        version: 7,
        seats: [{ role: 'business' }, { role: 'model-risk' }],
        asked: ['Abe', 'Ada', 'Ben'],
        mine: true,
      }),
    ]);
    expect((await command(room, 'dan')).requests[0].mine).toBe(false);
    await decide(room, 'ada');
    expect((await command(room, 'ada')).requests[0]).toMatchObject({
      mine: false,
      seats: [{ role: 'business', person: 'Ada' }, { role: 'model-risk' }],
    });
    room.clock.advance(24 * 3_600_000);
    expect((await command(room, 'ada')).requests).toEqual([]);
  });

  it('shows an approver the evidence in words, as the mail has it, and nobody else', async () => {
    const room = await asked();
    const shown = await command(room, 'ben', 'GET', `/${ID}`);
    expect(shown).toMatchObject({ code: 200, person: 'Ben', digest: room.request().digest });
    expect(shown.evidence).toContain('You are asked whether version 7 may serve');
    expect(shown.evidence).not.toMatch(/https?:|link=/);
    expect(await command(room, 'dana', 'GET', `/${ID}`)).toMatchObject({
      code: 403,
      message: 'Dana is not asked to decide this: submitted or edited what is asked about',
    });
  });

  it('votes under the rules of the page, and records the ARN that AWS verified', async () => {
    const room = await asked();
    expect(await decide(room, 'ada', { reason: 'good' })).toMatchObject({ status: 'Pending', person: 'Ada' });
    expect(await decide(room, 'ben')).toMatchObject({ status: 'Approved' });
    expect(room.version().status).toBe('Approved');
    expect(room.decisions.announced).toEqual([ID]);
    const knownAs = { issuer: 'iam.amazonaws.com', subject: `arn:aws:iam::${ACCOUNT}:user/ada` };
    expect([...room.approvals.votes.values()][0]).toMatchObject({ person: 'ada', identity: 'iam', knownAs });
    const [entry] = room.approvals.audit.filter(({ type }) => type === 'VoteRecorded');
    expect(entry).toMatchObject({ actor: 'ada', details: { identity: 'iam', knownAs } });
    const kept = [...room.archived].find(([key]) => key.includes(String(entry!.details!.terminal)));
    expect(kept?.[1]).toContain('You are asked whether version 7 may serve');
  });

  it('names a change ticket where the tier asks for one', async () => {
    const room = await asked();
    room.approvals.requests.set(ID, { ...room.request(), changeTicket: 'CHG[0-9]{7}' });
    expect(await decide(room, 'ada')).toMatchObject({ code: 422, message: expect.stringContaining('change ticket') });
    expect(await decide(room, 'ada', { ticket: 'CHG0004711' })).toMatchObject({ code: 200 });
    expect([...room.approvals.votes.values()][0]).toMatchObject({ ticket: 'CHG0004711' });
  });

  it.each([
    ['nobody of the configuration', 'mallory', {}, 403, /expected an IAM principal of one of people/],
    ['the submitter', 'dana', {}, 403, /Dana is not asked to decide this: submitted/],
    ['a member without a seat', 'dan', {}, 403, /Dan is not asked/],
    ['another decision', 'ada', { decision: 'maybe' }, 400, /expected approve or reject, got "maybe"/],
    ['another digest', 'ada', { digest: 'f'.repeat(64) }, 409, /changed/],
    ['no digest', 'ada', { digest: undefined }, 400, /expected \{ decision, reason, digest \}/],
    ['a member more', 'ada', { person: 'ben' }, 400, /expected \{/],
    ['a rejection without a reason', 'ada', { decision: 'reject' }, 422, /needs a reason/],
    ['100 kB of reason', 'ada', { reason: 'x'.repeat(100_000) }, 400, /expected \{/],
    ['a reason that is too long', 'ada', { reason: 'x'.repeat(2_001) }, 422, /at most 2,000/],
  ])('refuses %s', async (_, user, change, status, message) => {
    const room = await asked();
    expect(await decide(room, user, change)).toMatchObject({ code: status, message: expect.stringMatching(message) });
    expect(room.approvals.votes.size).toBe(0);
  });

  it('refuses what is not JSON, another method and an unknown request', async () => {
    const room = await asked();
    expect((await command(room, 'ada', 'POST', `/${ID}`, 'decision=approve')).code).toBe(400);
    expect((await command(room, 'ada', 'DELETE', `/${ID}`)).code).toBe(404);
    expect((await command(room, 'ada', 'POST')).code).toBe(404);
    expect((await command(room, 'ada', 'GET', `/r${'9'.repeat(40)}`)).code).toBe(404);
    expect((await command(room, 'ada', 'GET', '/../secrets')).code).toBe(404);
  });

  it('counts one vote per person, however they come', async () => {
    const room = await asked();
    await decide(room, 'ada');
    expect(await decide(room, 'ada', { decision: 'reject', reason: 'no' })).toMatchObject({ code: 409 });
    expect((await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' })).statusCode).toBe(409);
    const all = await Promise.all(Array.from({ length: 50 }, () => decide(room, 'ben')));
    expect(all.filter(({ status }) => status === 'Approved')).toHaveLength(1);
    expect(room.approvals.votes.size).toBe(2);
  });

  it('is too late after expiry, and after what is asked about has changed', async () => {
    const room = await asked();
    room.lineage.versions.set('flight-delays/7', { ...room.version(), image: 'another' });
    expect(await decide(room, 'ada')).toMatchObject({ code: 409, message: expect.stringContaining('has changed') });
    const late = await asked();
    late.clock.advance(24 * 3_600_000);
    expect(await decide(late, 'ada')).toMatchObject({ code: 409, message: expect.stringContaining('too late') });
  });

  it('records once that somebody tried who is not asked', async () => {
    const room = await asked();
    for (let i = 0; i < 3; i++) await decide(room, 'dana');
    const refused = room.approvals.audit.filter(({ type }) => type === 'IdentityRefused');
    expect(refused).toEqual([expect.objectContaining({ actor: 'dana' })]);
  });

  it('does not stand in for a group of the sign-in, which AWS cannot tell', async () => {
    const issuer = {
      url: 'https://login.example.com',
      clientId: 'launchway',
      subjectClaim: 'sub',
      scopes: [],
      groups: { claim: 'groups', roles: { 'model-risk': 'mrm' } },
      sessionMinutes: 60,
    };
    const room = await asked({ ...CONFIG, issuer });
    expect(await decide(room, 'abe')).toMatchObject({
      code: 403,
      message: expect.stringContaining('decide on the page'),
    });
    expect(await decide(room, 'ben')).toMatchObject({ status: 'Pending' });
  });

  it('A1: shows no token', async () => {
    const room = await asked();
    const said = [await command(room, 'ada'), await command(room, 'ada', 'GET', `/${ID}`), await decide(room, 'ada')];
    expect(JSON.stringify(said)).not.toContain(CANARY);
    expect(JSON.stringify(said)).not.toContain('sealed');
  });
});
