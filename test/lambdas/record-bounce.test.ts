import { describe, expect, it } from '@jest/globals';
import { RecordBounceInput } from '../../lambdas/record-bounce/contract.ts';
import { CONFIG, DEFINITION } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const EVE = { name: 'Eve', email: 'eve@example.com', principals: ['arn:aws:iam::000000000000:user/eve'] };

/** Business: Ben or Ada; model risk: Abe or Ada; where a seat stays empty, Eve is asked. */
async function asked(escalateTo: readonly string[] = ['eve']): Promise<ApprovalRoom> {
  const critical = { ...CONFIG.tiers.critical!, escalateTo };
  const config = { ...CONFIG, tiers: { ...CONFIG.tiers, critical }, people: { ...CONFIG.people, eve: EVE } };
  const room = new ApprovalRoom({ definition: DEFINITION, config });
  await room.ask();
  return room;
}

const toOperators = (room: ApprovalRoom) => room.mailer.sent.filter(({ to }) => to.includes(CONFIG.mail.operators));
const who = (room: ApprovalRoom) => room.request().approvers.map(({ person }) => person);

describe('a mail to an approver that comes back', () => {
  it('is shown to everyone and told to the operators; while the others can fill the seats nobody else is asked', async () => {
    const room = await asked();
    expect(await room.bounce('abe')).toEqual({ recorded: true });
    expect(room.request()).toMatchObject({ unreachable: ['abe'], status: 'Pending' });
    expect(who(room)).toEqual(['abe', 'ada', 'ben']);
    const [mail] = toOperators(room);
    expect(mail!.subject).toBe('[flight-delays] version 7: Abe was not reached');
    for (const fact of ['abe@example.com', '550 5.1.1 user unknown', 'the others can fill every seat']) {
      expect(mail!.text.replace(/\s+/g, ' ')).toContain(fact);
    }
    expect((await room.http('GET', room.linkFor('ada'))).body).toContain('Abe: the mail came back');
    expect(room.approvals.audit.at(-1)).toMatchObject({
      type: 'ApproverNotReached',
      details: { person: 'abe', added: [] },
    });
  });

  it('is escalated at once where a seat could not be filled any more', async () => {
    const room = await asked();
    await room.bounce('abe');
    await room.bounce('ada');
    expect(who(room)).toEqual(['abe', 'ada', 'ben', 'eve']);
    const [asking] = room.mailer.sent.filter(({ to }) => to.includes('eve@example.com'));
    expect(asking!.subject).toContain('escalated to you');
    expect(toOperators(room).at(-1)!.text).toContain('Eve is asked too');
    await room.decide(room.linkFor('eve'), { decision: 'approve', reason: '' });
    await room.decide(room.linkFor('ben'), { decision: 'approve', reason: '' });
    expect(room.request().status).toBe('Approved');
  });

  it('is told as an emergency where nobody is left to ask', async () => {
    const room = await asked([]);
    await room.bounce('abe');
    await room.bounce('ada');
    expect(toOperators(room).at(-1)!.text.replace(/\s+/g, ' ')).toContain('nobody else can fill the seat');
  });

  it('changes nothing when it is told again, too late, of somebody who decided, or of nobody', async () => {
    const room = await asked();
    await room.bounce('abe');
    const count = room.mailer.sent.length;
    expect(await room.bounce('abe')).toEqual({ recorded: false });
    await room.decide(room.linkFor('ben'), { decision: 'approve', reason: '' });
    expect(await room.bounce('ben')).toEqual({ recorded: false });
    const tags = { 'launchway-request': ['nothing'] as [string], 'launchway-person': ['abe'] as [string] };
    expect(await room.bounce('abe', { mail: { tags } })).toEqual({ recorded: false });
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    expect(await room.bounce('ada')).toEqual({ recorded: false });
    expect(room.mailer.sent).toHaveLength(count);
  });

  it('that may get through next time, or was called spam, is told and asks nobody else', async () => {
    const room = await asked();
    const bounce = { bounceType: 'Transient', bounceSubType: 'MailboxFull', bouncedRecipients: [] };
    await room.bounce('abe', { bounce });
    await room.bounce('ada', { eventType: 'Complaint', complaint: { complaintFeedbackType: 'abuse' } });
    expect(room.request().unreachable).toEqual([]);
    expect(toOperators(room).map(({ text }) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringContaining('not be delivered this time'),
      expect.stringContaining('was reported as spam'),
    ]);
  });

  it('loses no vote that commits at the same moment', async () => {
    const room = await asked();
    await Promise.all([room.bounce('abe'), room.decide(room.linkFor('abe'), { decision: 'approve', reason: '' })]);
    expect(room.approvals.votes.size).toBe(1);
    expect(room.request().revision).toBeGreaterThan(1);
  });

  it('is only read where SES sent it about a mail of ours', () => {
    const event = { eventType: 'Bounce', bounce: { bounceType: 'Permanent' } };
    expect(() => RecordBounceInput.parse({ ...event, mail: { tags: {} } })).toThrow();
    expect(() => RecordBounceInput.parse({ ...event, eventType: 'Delivery', mail: { tags: {} } })).toThrow();
  });
});
