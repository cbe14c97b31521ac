import { describe, expect, it } from '@jest/globals';
import { type ApprovalRequest, expiryOf, type Vote } from '../../../domain/approval/approval-request.ts';
import { type Ballot, castVote } from '../../../domain/approval/cast-vote.ts';
import { approvalRequest } from '../../support/approval-fixtures.ts';

const request = approvalRequest();
const start = Date.parse(request.createdAt);
const expiry = Date.parse(request.expiresAt);
const at = (ms: number) => new Date(start + ms);
const ballot = (change: Partial<Ballot> = {}): Ballot => ({
  person: 'ada',
  choice: 'approve',
  reason: '',
  digest: request.digest,
  identity: 'link',
  ...change,
});
const refusal = (change: Partial<Ballot>, votes: readonly Vote[] = [], of: ApprovalRequest = request, ms = 0) => {
  const result = castVote(of, votes, ballot(change), at(ms));
  return result.kind === 'Refused' ? result.refusal : result.status;
};

describe('a vote', () => {
  it('counts once every seat is filled', () => {
    const first = castVote(request, [], ballot(), at(0));
    expect(first).toMatchObject({ kind: 'Counted', status: 'Pending', approvers: ['ada'] });
    const votes = first.kind === 'Counted' ? [first.vote] : [];
    expect(castVote(request, votes, ballot({ person: 'abe' }), at(1))).toMatchObject({
      kind: 'Counted',
      status: 'Approved',
      approvers: ['ada', 'abe'],
    });
  });

  it('ends the request when it rejects, with a reason', () => {
    expect(refusal({ choice: 'reject', reason: 'worse for small airports' })).toBe('Rejected');
    for (const reason of ['', '  \n\t ', '\u200b\u202e']) {
      expect(refusal({ choice: 'reject', reason })).toEqual({ kind: 'ReasonNeeded', because: 'rejection' });
    }
  });

  it('needs a reason to approve over a warning', () => {
    const warned = approvalRequest({ warnings: ['auc: not comparable'] });
    expect(refusal({}, [], warned)).toEqual({ kind: 'ReasonNeeded', because: 'warnings' });
    expect(refusal({ reason: 'known and accepted' }, [], warned)).toBe('Pending');
  });

  it('names a change ticket to approve where the tier asks for one', () => {
    const asking = approvalRequest({ changeTicket: 'CHG[0-9]{7}' });
    const needed = { kind: 'TicketNeeded', pattern: 'CHG[0-9]{7}' };
    for (const ticket of ['', 'CHG1', 'CHG00000011', 'xCHG0000001', 'CHG0000001\nCHG0000001', 'CHG０００００01'])
      expect(refusal({ ticket }, [], asking)).toEqual(needed);
    expect(castVote(asking, [], ballot({ ticket: ' CHG0000001 ' }), at(0))).toMatchObject({
      kind: 'Counted',
      vote: { ticket: 'CHG0000001' },
    });
    expect(refusal({ choice: 'reject', reason: 'worse' }, [], asking)).toBe('Rejected');
    const unasked = castVote(request, [], ballot({ ticket: 'CHG0000001' }), at(0));
    expect(unasked.kind === 'Counted' && 'ticket' in unasked.vote).toBe(false);
  });

  it('does not count for someone not asked, for another digest, twice, too late or with a book for a reason', () => {
    const vote: Vote = { ...ballot(), requestId: request.requestId, at: request.createdAt };
    expect(refusal({ person: 'dana' })).toEqual({ kind: 'NotAnApprover' });
    expect(refusal({ digest: 'other' })).toEqual({ kind: 'SubjectChanged' });
    expect(refusal({}, [vote])).toEqual({ kind: 'AlreadyVoted', vote });
    expect(refusal({}, [], request, expiry - start - 1)).toBe('Pending');
    expect(refusal({}, [], request, expiry - start)).toEqual({ kind: 'Closed', status: 'Expired' });
    expect(refusal({}, [], approvalRequest({ status: 'Superseded' }))).toEqual({
      kind: 'Closed',
      status: 'Superseded',
    });
    expect(refusal({ reason: 'x'.repeat(2_001) })).toEqual({ kind: 'ReasonTooLong' });
    expect(refusal({ reason: '😀'.repeat(2_000) })).toBe('Pending');
  });
});

describe('an expiry', () => {
  it('is 15 minutes before the task times out', () => {
    expect(expiryOf(new Date('2030-01-02T00:00:00Z'), at(0)).toISOString()).toBe('2030-01-01T23:45:00.000Z');
  });

  it('cannot be for a task that waits less than that', () => {
    expect(() => expiryOf(at(900_000), at(0))).toThrow('expected the task to wait for more than 15 minutes, got 900 s');
  });
});
