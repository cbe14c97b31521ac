import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { type ApprovalRequest, statusNow } from '../../../domain/approval/approval-request.ts';
import { type Ballot, castVote } from '../../../domain/approval/cast-vote.ts';
import { moveSeats, refusalOfDelegation, refusalOfMove } from '../../../domain/approval/delegation.ts';
import { exclusion } from '../../../domain/approval/seats.ts';
import { nextNote } from '../../../domain/approval/thread.ts';
import { revokeApproval, withdrawRequest } from '../../../domain/approval/withdrawal.ts';
import { canonicalJson } from '../../../domain/canonical-json.ts';
import { approvalRequest, CONFIG, releaseRow, TEAM, versionRow } from '../../support/approval-fixtures.ts';
import { InMemoryLineageStore } from '../../support/in-memory.ts';
import {
  InMemoryApprovalStore,
  InMemoryDelegationStore,
  InMemoryThreadStore,
} from '../../support/in-memory-approvals.ts';

const request = approvalRequest();
const start = Date.parse(request.createdAt);
const expiry = Date.parse(request.expiresAt);
const ballot = (change: Partial<Ballot> = {}): Ballot => ({
  person: 'ada',
  choice: 'approve',
  reason: '',
  digest: request.digest,
  identity: 'link',
  ...change,
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
  | { readonly do: 'ask'; readonly person: string; readonly reason: boolean }
  | { readonly do: 'delegate'; readonly person: string; readonly to: string }
  | { readonly do: 'expire' | 'end' | 'supersede' | 'resume' }
  | { readonly do: 'wait'; readonly ms: number };

const PEOPLE = ['ada', 'abe', 'ben', 'dana', 'dan'];

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
      do: fc.constantFrom('withdraw' as const, 'revoke' as const, 'ask' as const),
      person: fc.constantFrom('ada', 'ben', 'dana', 'dan'),
      reason: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('delegate' as const),
      person: fc.constantFrom('ada', 'abe', 'ben'),
      to: fc.constantFrom(...PEOPLE),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 20 * 3_600_000 }) }) },
);

/** The rules again, as plainly as they can be said. */
class Expected {
  status = 'Pending';
  readonly approved = new Set<string>();
  readonly voted = new Set<string>();
  /** Who decides, and as what: one of model-risk and another of business are needed. */
  readonly roles = new Map([
    ['ada', ['business', 'model-risk']],
    ['abe', ['model-risk']],
    ['ben', ['business']],
  ]);
  readonly away = new Map<string, string>();
  notes = 0;
  expiresAt = expiry;
  revokedBy: string | undefined;

  isOpen(now: number): boolean {
    return this.status === 'Pending' && now < this.expiresAt;
  }

  vote(person: string, approve: boolean, reason: boolean, stale: boolean, now: number): void {
    if (!this.isOpen(now) || stale) return;
    if (!this.roles.has(person) || this.voted.has(person) || (!approve && !reason)) return;
    this.voted.add(person);
    if (approve) this.approved.add(person);
    if (!approve) this.status = 'Rejected';
    else if (filled(this.roles, [...this.approved])) this.status = 'Approved';
  }

  delegate(person: string, to: string, now: number): void {
    const isInChain = [...this.away].some(([from, by]) => from === person || from === to || by === person);
    // Dana submitted it, and Dan has no role.
    if (!this.isOpen(now) || person === to || to === 'dana' || to === 'dan' || isInChain) return;
    const own = this.roles.get(person);
    if (!own || this.voted.has(person)) return;
    const moved = new Map(this.roles).set(to, [...(this.roles.get(to) ?? []), ...own]);
    moved.delete(person);
    if (!filled(moved, [...moved.keys()])) return;
    this.away.set(person, to);
    this.roles.delete(person);
    this.roles.set(to, moved.get(to)!);
  }
}

const filled = (roles: ReadonlyMap<string, readonly string[]>, people: readonly string[]): boolean =>
  people.some(
    (one) =>
      roles.get(one)!.includes('model-risk') &&
      people.some((other) => other !== one && roles.get(other)!.includes('business')),
  );

/** As `expect(…).toEqual`, which takes a millisecond: this is asked a million times. */
function same(got: unknown, wanted: unknown, what: string): void {
  if (canonicalJson(got ?? null) !== canonicalJson(wanted ?? null)) {
    throw new Error(`expected ${what} to be ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  }
}

const AUDIT = { type: 'x', actor: 'x', subject: 'x' };

/** A request in its stores, and the rules beside it. */
class World {
  readonly lineage = new InMemoryLineageStore();
  readonly store = new InMemoryApprovalStore(this.lineage);
  readonly delegations = new InMemoryDelegationStore(this.store);
  readonly thread = new InMemoryThreadStore(this.store);
  readonly expected = new Expected();
  now = start;

  async begin(): Promise<void> {
    this.lineage.releases.set('flight-delays/14', releaseRow());
    this.lineage.releases.set('flight-delays/15', releaseRow({ release: 15, version: 8 }));
    this.lineage.versions.set('flight-delays/7', versionRow());
    await this.store.open(request, AUDIT);
  }

  get request(): ApprovalRequest {
    return this.store.requests.get(request.requestId)!;
  }

  get version() {
    return this.lineage.versions.get('flight-delays/7')!;
  }

  async vote({ person, approve, reason, stale }: Extract<Command, { do: 'vote' }>): Promise<void> {
    const before = this.request;
    const cast = ballot({
      person,
      choice: approve ? 'approve' : 'reject',
      reason: reason ? 'because' : '',
      ...(stale && { digest: 'stale' }),
    });
    const result = castVote(before, await this.store.listVotes(request.requestId), cast, new Date(this.now));
    if (result.kind === 'Counted') {
      const { requestId, digest } = request;
      const approval = { requestId, digest, approvers: result.approvers, at: 'x' };
      const decision = result.status === 'Pending' ? undefined : { status: result.status, approval };
      same(await this.store.commitVote(before, result.vote, decision, AUDIT), true, 'the vote');
      same(await this.store.commitVote(before, result.vote, decision, AUDIT), false, 'the vote again');
    }
    this.expected.vote(person, approve, reason, stale, this.now);
  }

  async withdraw(person: string, reason: boolean): Promise<void> {
    const who = { person, principal: 'another' };
    const result = withdrawRequest(CONFIG, this.request, who, reason ? 'a mistake' : '\u200b', new Date(this.now));
    // A vote may commit between the judgement and the write: the store decides.
    if (result.kind === 'Lawful')
      await this.store.close(request.requestId, 'Withdrawn', result.withdrawal.at, AUDIT, result.withdrawal);
    if (person === 'dana' && reason && this.expected.isOpen(this.now)) this.expected.status = 'Withdrawn';
  }

  async revoke(person: string, reason: boolean): Promise<void> {
    const before = this.request;
    const { status, roles, revokedBy } = this.expected;
    const result = revokeApproval(before, this.version, person, reason ? 'wrong labels' : '', new Date(this.now));
    const isLawful = status === 'Approved' && roles.has(person) && reason && revokedBy === undefined;
    same(result.kind, isLawful ? 'Lawful' : 'Refused', 'the revocation');
    if (result.kind !== 'Lawful') return;
    same(await this.store.revoke(before, result.withdrawal, AUDIT), true, 'the revocation');
    same(await this.store.revoke(before, result.withdrawal, AUDIT), false, 'the revocation again');
    this.expected.revokedBy = person;
  }

  async ask(by: string, hasText: boolean): Promise<void> {
    const before = this.request;
    const said = { kind: 'question', by, text: hasText ? 'which airports?' : ' \u200b ' } as const;
    const result = nextNote(before, await this.thread.list(request.requestId), said, new Date(this.now));
    if (result.kind === 'Said') {
      same(await this.thread.add(before, result.note, AUDIT), true, 'the question');
      same(await this.thread.add(before, result.note, AUDIT), false, 'the question again');
    }
    if (hasText && this.expected.isOpen(this.now)) this.expected.notes += 1;
  }

  async delegate(person: string, to: string): Promise<void> {
    const before = this.request;
    const at = new Date(this.now);
    const wish = { person, to, from: '2030-01-01', until: '2030-03-01' };
    const known = await this.delegations.list();
    const voted = new Set((await this.store.listVotes(request.requestId)).map((vote) => vote.person));
    const asked = { ...before, voted, whyExcluded: exclusion(CONFIG, TEAM, [request.submitter]) };
    const refused =
      refusalOfDelegation(CONFIG, known, wish, at.toISOString().slice(0, 10)) ?? refusalOfMove(CONFIG, asked, wish);
    if (!refused && statusNow(before, at) === 'Pending') {
      const { approvers } = moveSeats(CONFIG, [...known, wish], asked, at);
      const recorded = { ...wish, requestId: request.requestId, recordedAt: at.toISOString() };
      same(await this.delegations.moveSeats(before, approvers, AUDIT, recorded), true, 'the delegation');
      same(await this.delegations.moveSeats(before, approvers, AUDIT, recorded), false, 'the delegation again');
    }
    this.expected.delegate(person, to, this.now);
  }

  async resume(): Promise<void> {
    const expiresAt = this.now + 86_400_000;
    const task = { sealedToken: `sealed-${this.now}`, expiresAt: new Date(expiresAt).toISOString() };
    await this.store.resume(request.requestId, task, new Date(this.now).toISOString(), AUDIT);
    if (this.expected.status === 'Pending' && this.now >= this.expected.expiresAt) this.expected.expiresAt = expiresAt;
  }

  async supersede(): Promise<void> {
    if (this.lineage.releases.get('flight-delays/15')!.status !== 'Validating') return;
    await this.store.open(approvalRequest({ requestId: 'r2', release: 15, version: 8 }), AUDIT);
    if (this.expected.status === 'Pending') this.expected.status = 'Superseded';
  }

  async close(status: 'Expired' | 'Withdrawn'): Promise<void> {
    await this.store.close(request.requestId, status, new Date(this.now).toISOString(), AUDIT);
    if (this.expected.status === 'Pending') this.expected.status = status;
  }

  async perform(one: Command): Promise<void> {
    if (one.do === 'wait') this.now += one.ms;
    else if (one.do === 'vote') await this.vote(one);
    else if (one.do === 'delegate') await this.delegate(one.person, one.to);
    else if ('person' in one) await this[one.do](one.person, one.reason);
    else if (one.do === 'resume' || one.do === 'supersede') await this[one.do]();
    else await this.close(one.do === 'expire' ? 'Expired' : 'Withdrawn');
  }

  compare(before: ApprovalRequest): void {
    const { expected, request: after, version } = this;
    same(after.status, expected.status, 'the status');
    if (before.status !== 'Pending') same(after.status, before.status, 'what was decided');
    const isByVote = after.status === 'Approved' || after.status === 'Rejected';
    same(version.status, isByVote ? after.status : 'Validated', 'the version');
    if (isByVote) same(this.store.outbox.get(request.requestId)?.decision, after.status, 'the outbox');
    same(version.approval?.revoked?.by, expected.revokedBy, 'who took it back');
    same(after.withdrawn === undefined || after.status === 'Withdrawn', true, 'a withdrawal');
    same([...this.store.votes.values()].map(({ person }) => person).sort(), [...expected.voted].sort(), 'the votes');
    same(after.approvers.map(({ person }) => person).sort(), [...expected.roles.keys()].sort(), 'the approvers');
    same(this.thread.notes.size, expected.notes, 'what was asked');
    same(statusNow(after, new Date(this.now)) === 'Pending', expected.isOpen(this.now), 'being open');
  }
}

async function run(commands: readonly Command[]): Promise<void> {
  const world = new World();
  await world.begin();
  for (const one of commands) {
    const before = world.request;
    await world.perform(one);
    world.compare(before);
  }
}

describe('a request under any sequence of commands', () => {
  it('does what the rules say, and decided is immutable: 10,000 sequences', async () => {
    await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), run), { numRuns: 10_000 });
  });
});
