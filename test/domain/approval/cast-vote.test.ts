import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ApprovalRequest, expiryOf, statusNow, type Vote } from '../../../domain/approval/approval-request.ts';
import { type Ballot, castVote } from '../../../domain/approval/cast-vote.ts';
import { revokeApproval, withdrawRequest } from '../../../domain/approval/withdrawal.ts';
import { approvalRequest, CONFIG, releaseRow, versionRow } from '../../support/approval-fixtures.ts';
import { InMemoryLineageStore } from '../../support/in-memory.ts';
import { InMemoryApprovalStore } from '../../support/in-memory-approvals.ts';

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

type Command =
  | {
      readonly do: 'vote';
      readonly person: string;
      readonly approve: boolean;
      readonly reason: boolean;
      readonly stale: boolean;
    }
  | { readonly do: 'withdraw' | 'revoke'; readonly person: string; readonly reason: boolean }
  | { readonly do: 'expire' | 'end' | 'supersede' | 'resume' }
  | { readonly do: 'wait'; readonly ms: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      person: fc.constantFrom('ada', 'abe', 'ben', 'dana', 'eve'),
      approve: fc.boolean(),
      reason: fc.boolean(),
      stale: fc.nat({ max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('expire' as const, 'end' as const, 'supersede' as const, 'resume' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('withdraw' as const, 'revoke' as const),
      person: fc.constantFrom('ada', 'ben', 'dana', 'dan'),
      reason: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 20 * 3_600_000 }) }) },
);

/** The rules again, as plainly as they can be said. */
class Expected {
  status = 'Pending';
  readonly approved = new Set<string>();
  readonly voted = new Set<string>();
  expiresAt = expiry;
  revokedBy: string | undefined;

  vote(person: string, approve: boolean, reason: boolean, stale: boolean, now: number): void {
    if (this.status !== 'Pending' || now >= this.expiresAt || stale) return;
    if (!['ada', 'abe', 'ben'].includes(person) || this.voted.has(person) || (!approve && !reason)) return;
    this.voted.add(person);
    if (!approve) this.status = 'Rejected';
    else {
      this.approved.add(person);
      // One of model-risk (ada, abe) and another of business (ada, ben).
      if (this.approved.size >= 2) this.status = 'Approved';
    }
  }
}

async function run(commands: readonly Command[]) {
  const lineage = new InMemoryLineageStore();
  const store = new InMemoryApprovalStore(lineage);
  lineage.releases.set('flight-delays/14', releaseRow());
  lineage.releases.set('flight-delays/15', releaseRow({ release: 15, version: 8 }));
  lineage.versions.set('flight-delays/7', versionRow());
  const audit = { type: 'x', actor: 'x', subject: 'x' };
  await store.open(request, audit);
  const expected = new Expected();
  let now = start;
  for (const one of commands) {
    const before = store.requests.get(request.requestId)!;
    switch (one.do) {
      case 'wait':
        now += one.ms;
        break;
      case 'vote': {
        const cast = ballot({
          person: one.person,
          choice: one.approve ? 'approve' : 'reject',
          reason: one.reason ? 'because' : '',
          ...(one.stale && { digest: 'stale' }),
        });
        const result = castVote(before, await store.listVotes(request.requestId), cast, new Date(now));
        if (result.kind === 'Counted') {
          const decided = result.status !== 'Pending';
          const approval = {
            requestId: request.requestId,
            digest: request.digest,
            approvers: result.approvers,
            at: 'x',
          };
          const decision = decided ? { status: result.status as 'Approved' | 'Rejected', approval } : undefined;
          expect(await store.commitVote(before, result.vote, decision, audit)).toBe(true);
          expect(await store.commitVote(before, result.vote, decision, audit)).toBe(false);
        }
        expected.vote(one.person, one.approve, one.reason, one.stale, now);
        break;
      }
      case 'withdraw': {
        const who = { person: one.person, principal: 'another' };
        const result = withdrawRequest(CONFIG, before, who, one.reason ? 'a mistake' : '\u200b', new Date(now));
        // A vote may commit between the judgement and the write: the store decides.
        if (result.kind === 'Lawful')
          await store.close(request.requestId, 'Withdrawn', result.withdrawal.at, audit, result.withdrawal);
        if (one.person === 'dana' && one.reason && expected.status === 'Pending' && now < expected.expiresAt)
          expected.status = 'Withdrawn';
        break;
      }
      case 'revoke': {
        const version = lineage.versions.get('flight-delays/7')!;
        const result = revokeApproval(before, version, one.person, one.reason ? 'wrong labels' : '', new Date(now));
        const lawful =
          expected.status === 'Approved' &&
          ['ada', 'ben'].includes(one.person) &&
          one.reason &&
          expected.revokedBy === undefined;
        expect(result.kind).toBe(lawful ? 'Lawful' : 'Refused');
        if (result.kind === 'Lawful') {
          expect(await store.revoke(before, result.withdrawal, audit)).toBe(true);
          expect(await store.revoke(before, result.withdrawal, audit)).toBe(false);
          expected.revokedBy = one.person;
        }
        break;
      }
      case 'resume': {
        const task = { sealedToken: `sealed-${now}`, expiresAt: new Date(now + 86_400_000).toISOString() };
        await store.resume(request.requestId, task, new Date(now).toISOString(), audit);
        if (expected.status === 'Pending' && now >= expected.expiresAt) expected.expiresAt = now + 86_400_000;
        break;
      }
      case 'supersede':
        if (lineage.releases.get('flight-delays/15')!.status === 'Validating') {
          await store.open(approvalRequest({ requestId: 'r2', release: 15, version: 8 }), audit);
          if (expected.status === 'Pending') expected.status = 'Superseded';
        }
        break;
      default: {
        const status = one.do === 'expire' ? 'Expired' : 'Withdrawn';
        await store.close(request.requestId, status, new Date(now).toISOString(), audit);
        if (expected.status === 'Pending') expected.status = status;
      }
    }
    const after = store.requests.get(request.requestId)!;
    expect(after.status).toBe(expected.status);
    if (before.status !== 'Pending') expect(after.status).toBe(before.status);
    const decidedByVote = after.status === 'Approved' || after.status === 'Rejected';
    expect(lineage.versions.get('flight-delays/7')!.status).toBe(decidedByVote ? after.status : 'Validated');
    if (decidedByVote) expect(store.outbox.get(request.requestId)?.decision).toBe(after.status);
    expect(lineage.versions.get('flight-delays/7')!.approval?.revoked?.by).toBe(expected.revokedBy);
    expect(after.withdrawn === undefined || after.status === 'Withdrawn').toBe(true);
    expect([...store.votes.values()].map(({ person }) => person).sort()).toEqual([...expected.voted].sort());
    expect(statusNow(after, new Date(now)) === 'Pending').toBe(
      expected.status === 'Pending' && now < expected.expiresAt,
    );
  }
}

describe('a request under any sequence of commands', () => {
  it('does what the rules say, and decided is immutable: 10,000 sequences', async () => {
    await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), run), { numRuns: 10_000 });
  });
});
