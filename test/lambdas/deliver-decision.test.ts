import { describe, expect, it } from '@jest/globals';
import { ApprovalRoom, CANARY } from '../support/approval-room.ts';

async function decided(): Promise<ApprovalRoom> {
  const room = new ApprovalRoom();
  await room.ask();
  await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
  return room;
}

describe('delivering a decision', () => {
  it('answers the task once and clears the outbox, however often the message arrives', async () => {
    const room = await decided();
    const { requestId } = room.request();
    expect(await room.deliver()).toEqual({ batchItemFailures: [] });
    expect(await room.deliver()).toEqual({ batchItemFailures: [] });
    expect(room.tasks.answers).toEqual([{ token: CANARY, output: { requestId, decision: 'Rejected' } }]);
    expect(room.approvals.outbox.size).toBe(0);
    expect(room.approvals.audit.map(({ type }) => type)).toEqual([
      'ApprovalRequested',
      'DecisionRecorded',
      'DecisionDelivered',
    ]);
  });

  it('reconciles a task that no longer waits', async () => {
    const room = await decided();
    room.tasks.gone.add(CANARY);
    expect(await room.deliver()).toEqual({ batchItemFailures: [] });
    expect(room.approvals.outbox.size).toBe(0);
    expect(room.approvals.audit.at(-1)).toMatchObject({ type: 'DecisionFoundNoTask' });
  });

  it('keeps the decision for the next delivery when the task cannot be answered', async () => {
    const room = await decided();
    room.tasks.failWith = new Error('throttled');
    expect(await room.deliver()).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(room.problems).toHaveLength(1);
    expect(room.approvals.outbox.size).toBe(1);
    room.tasks.failWith = undefined;
    await room.deliver();
    expect(room.tasks.answers).toHaveLength(1);
  });

  it('answers after a crash between the answer and the record: the task is gone by then', async () => {
    const room = await decided();
    const confirm = room.approvals.confirmCallback.bind(room.approvals);
    room.approvals.confirmCallback = async () => {
      throw new Error('crash');
    };
    expect((await room.deliver()).batchItemFailures).toHaveLength(1);
    room.approvals.confirmCallback = confirm;
    expect((await room.deliver()).batchItemFailures).toHaveLength(0);
    expect(room.tasks.answers).toHaveLength(1);
    expect(room.approvals.outbox.size).toBe(0);
  });

  it('hands back a message it cannot read, and the others are done', async () => {
    const room = await decided();
    const { requestId } = room.request();
    expect(
      await room.deliver('{', '{"requestId":7}', JSON.stringify({ requestId }), '{"requestId":"unknown"}'),
    ).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }],
    });
    expect(room.tasks.answers).toHaveLength(1);
  });
});

describe('an expiry', () => {
  it('is a no that nobody said', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    room.clock.advance(24 * 3_600_000 + 900_000);
    expect(await room.expire()).toEqual({ decision: 'Expired' });
    expect(await room.expire()).toEqual({ decision: 'Expired' });
    expect(room.request().status).toBe('Expired');
    expect(room.version().status).toBe('Validated');
    expect(room.approvals.audit.filter(({ type }) => type === 'ApprovalExpired')).toHaveLength(1);
  });

  it('does not undo a vote that committed in the last moment', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const page = await room.decide(room.linkFor('ada'), { decision: 'approve' });
    expect(page.statusCode).toBe(200);
    room.clock.advance(24 * 3_600_000 - 1);
    await room.decide(room.linkFor('abe'), { decision: 'approve' });
    room.clock.advance(900_001);
    expect(await room.expire()).toEqual({ decision: 'Approved' });
  });

  it('leaves 15 minutes between the last vote and the task: no later vote commits', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const link = room.linkFor('ada');
    room.clock.advance(24 * 3_600_000);
    expect((await room.http('GET', link)).statusCode).toBe(410);
    expect((await room.post(link, { decision: 'approve' })).statusCode).toBe(410);
    expect(room.approvals.votes.size).toBe(0);
  });

  it('needs a request', async () => {
    await expect(new ApprovalRoom().expire()).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});
