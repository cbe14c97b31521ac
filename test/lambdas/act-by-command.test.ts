import { describe, expect, it } from '@jest/globals';
import { actByCommand } from '../../lambdas/act-by-command/act-by-command.ts';
import { releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const ID = `r${'1'.padStart(40, '0')}`;
const ACCOUNT = '000000000000';

async function asked(submitter?: { principal: string }): Promise<ApprovalRoom> {
  const room = new ApprovalRoom();
  if (submitter) room.lineage.releases.set('flight-delays/14', releaseRow({ submitter }));
  await room.ask();
  return room;
}

/** What API Gateway hands on of a signed request. */
async function act(room: ApprovalRoom, user: string, body?: unknown, id = ID) {
  const answer = await actByCommand({ ...room.mailing(), accountId: ACCOUNT })({
    rawPath: `/commands/approvals/${id}/acts`,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      http: { method: body === undefined ? 'GET' : 'POST' },
      authorizer: {
        iam: { userArn: `arn:aws:iam::${ACCOUNT}:user/${user}`, callerId: `AIDA-${user}`, accountId: ACCOUNT },
      },
    },
  });
  return { ...JSON.parse(answer.body), code: answer.statusCode };
}

describe('acting as an IAM identity', () => {
  it('asks, answers and comments as the pages do, and shows what was said to those concerned', async () => {
    const room = await asked();
    expect(await act(room, 'ada', { act: 'ask', text: 'Why is May missing?' })).toMatchObject({ code: 200 });
    expect(room.mailer.sent.at(-1)!.to).toEqual(['dana@example.com']);
    expect(await act(room, 'dana', { act: 'answer', text: 'It was closed.' })).toMatchObject({ code: 200 });
    await act(room, 'ben', { act: 'comment', text: 'Good.' });
    const { notes, approvers } = await act(room, 'abe');
    expect(notes.map(({ kind, by, text }: Record<string, string>) => [kind, by, text])).toEqual([
      ['question', 'Ada', 'Why is May missing?'],
      ['answer', 'Dana', 'It was closed.'],
      ['comment', 'Ben', 'Good.'],
    ]);
    expect(approvers.map(({ person }: { person: string }) => person)).toEqual(['abe', 'ada', 'ben']);
    expect(room.approvals.audit.at(-1)).toMatchObject({
      type: 'CommentMade',
      actor: 'ben',
      details: { identity: 'iam', knownAs: { subject: 'arn:aws:iam::000000000000:user/ben' } },
    });
  });

  it('withdraws for who submitted, once, with a reason', async () => {
    const room = await asked();
    expect(await act(room, 'dana', { act: 'withdraw' })).toMatchObject({ code: 422 });
    expect(await act(room, 'dana', { act: 'withdraw', text: 'wrong file' })).toMatchObject({ code: 200 });
    expect(room.request()).toMatchObject({ status: 'Withdrawn', withdrawn: { by: 'dana', reason: 'wrong file' } });
    expect(await act(room, 'dana', { act: 'withdraw', text: 'again' })).toMatchObject({ code: 409 });
  });

  it('knows a submitter whom no identity maps to by the principal that S3 named', async () => {
    const room = await asked({ principal: 'AWS:AIDA-robot' });
    expect(await act(room, 'stranger', { act: 'withdraw', text: 'mine' })).toMatchObject({ code: 403 });
    expect(await act(room, 'robot', { act: 'withdraw', text: 'mine' })).toMatchObject({ code: 200 });
    expect(room.request().withdrawn).toMatchObject({ by: 'AWS:AIDA-robot' });
  });

  it('hands a seat over and takes an approval back', async () => {
    const room = await asked();
    const delegation = { act: 'delegate', to: 'ben', from: '2030-01-01', until: '2030-01-08' };
    expect(await act(room, 'abe', delegation)).toMatchObject({ code: 200 });
    expect(await act(room, 'abe', { act: 'comment', text: 'still here?' })).toMatchObject({ code: 403 });
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    await room.decide(room.linkFor('ben'), { decision: 'approve', reason: '' });
    expect(await act(room, 'ben', { act: 'revoke', why: 'too early' })).toMatchObject({ code: 200 });
    expect(room.version().approval!.revoked).toMatchObject({ by: 'ben' });
  });

  it('does nothing for anybody else, for acts of others, for nonsense, and tells nothing of what exists', async () => {
    const room = await asked();
    const before = JSON.stringify([[...room.approvals.requests], [...room.thread.notes]]);
    const strangers = [
      await act(room, 'dan'),
      await act(room, 'nobody'),
      await act(room, 'ada', undefined, `r${'9'.repeat(40)}`),
    ];
    expect(new Set(strangers.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    expect(await act(room, 'ada', { act: 'withdraw', text: 'x' })).toMatchObject({ code: 403 });
    expect(await act(room, 'dana', { act: 'ask', text: 'x' })).toMatchObject({ code: 403 });
    expect(await act(room, 'ada', { act: 'constructor' })).toMatchObject({ code: 403 });
    for (const nonsense of [
      '',
      '{',
      '[]',
      '{"act":1}',
      { act: 'ask', text: 'x', decision: 'approve' },
      'x'.repeat(70_000),
    ]) {
      expect(await act(room, 'ada', nonsense)).toMatchObject({ code: 400 });
    }
    expect(JSON.stringify([[...room.approvals.requests], [...room.thread.notes]])).toBe(before);
  });
});
