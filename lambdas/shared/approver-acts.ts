import { statusNow } from '../../domain/approval/approval-request.ts';
import {
  type Delegation,
  type DelegationRefusal,
  moveSeats,
  refusalOfDelegation,
  refusalOfMove,
} from '../../domain/approval/delegation.ts';
import { day } from '../../domain/approval/moment.ts';
import type { ApprovalStore, DelegationStore, ThreadStore } from '../../domain/approval/ports.ts';
import { exclusion } from '../../domain/approval/seats.ts';
import { nextNote } from '../../domain/approval/thread.ts';
import { revokeApproval } from '../../domain/approval/withdrawal.ts';
import { calendarOf, localDate } from '../../domain/approval/working-calendar.ts';
import { type ActResult, done, refused, toMend } from './act-result.ts';
import { allDelegations, involvedIn } from './asked-people.ts';
import { type MailApproverDependencies, tellStandIn } from './mail-approver.ts';
import { delegationRefusalInWords, noteRefusalInWords, withdrawalRefusalInWords } from './refusals-in-words.ts';
import { tellRevocation } from './tell-revocation.ts';
import { type SubmitterMailDependencies, tellQuestion } from './thread-mails.ts';

export interface ApproverActsDependencies extends MailApproverDependencies, SubmitterMailDependencies {
  readonly approvals: ApprovalStore;
  readonly thread: ThreadStore;
  readonly delegations: DelegationStore;
}

/** Who acts on which request, and how that is known. */
export interface Actor {
  readonly requestId: string;
  /** Person id; one of the request's approvers. */
  readonly person: string;
  /** For the audit entry: the identity, and the link where there is one. */
  readonly knownBy: Readonly<Record<string, unknown>>;
}

/** What an approver can do besides deciding. None of it is a vote. */
export const APPROVER_ACTS = ['ask', 'comment', 'delegate', 'back', 'revoke'] as const;
export type ApproverAct = (typeof APPROVER_ACTS)[number];

const ATTEMPTS = 6;

/** @param field what was given by name; empty where it was not */
export function actAsApprover(
  dependencies: ApproverActsDependencies,
  actor: Actor,
  act: ApproverAct,
  field: (name: string) => string,
): Promise<ActResult> {
  switch (act) {
    case 'ask':
      return say(dependencies, actor, 'question', field('text'));
    case 'comment':
      return say(dependencies, actor, 'comment', field('text'));
    case 'delegate':
      return delegate(dependencies, actor, { to: field('to'), from: field('from'), until: field('until') });
    case 'back':
      return endDelegation(dependencies, actor, field('from'));
    case 'revoke':
      return revoke(dependencies, actor, field('why'));
  }
}

const auditOf = ({ requestId, person, knownBy }: Actor, type: string, details: Readonly<Record<string, unknown>>) => ({
  type,
  actor: person,
  subject: `approval/${requestId}`,
  details: { ...knownBy, ...details },
});

async function say(
  dependencies: ApproverActsDependencies,
  actor: Actor,
  kind: 'question' | 'comment',
  text: string,
): Promise<ActResult> {
  const { approvals, thread, now } = dependencies;
  const { requestId, person } = actor;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const result = nextNote(request, await thread.list(requestId), { kind, by: person, text }, now());
    if (result.kind === 'Refused') {
      const words = noteRefusalInWords(result.refusal);
      return result.refusal.kind === 'Closed' ? refused(words) : toMend(words);
    }
    const { note } = result;
    const type = kind === 'question' ? 'QuestionAsked' : 'CommentMade';
    const { release, version, digest } = request;
    const details = { release, version, digest, number: note.number, text: note.text };
    if (!(await thread.add(request, note, auditOf(actor, type, details)))) continue;
    if (kind === 'question') await tellQuestion(dependencies, request, note);
    return done(kind === 'question' ? 'Asked. The answer is mailed to you.' : 'Noted.');
  }
  return 'busy';
}

async function delegate(
  dependencies: ApproverActsDependencies,
  actor: Actor,
  given: Omit<Delegation, 'person'>,
): Promise<ActResult> {
  const { approvals, config, delegations, lineage, now } = dependencies;
  const { requestId, person } = actor;
  const wish = { ...given, person };
  const today = localDate(calendarOf(config, person).timeZone, now().getTime());
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const status = statusNow(request, now());
    if (status !== 'Pending') return refused(withdrawalRefusalInWords({ kind: 'Closed', status }));
    const voted = new Set((await approvals.listVotes(requestId)).map((vote) => vote.person));
    const version = await lineage.getVersion(request.model, request.version);
    const whyExcluded = exclusion(config, version.team, await involvedIn(dependencies, request.submitter, version));
    const known = await allDelegations(dependencies);
    const asked = { seats: request.seats, approvers: request.approvers, voted, whyExcluded };
    const refusal: DelegationRefusal | undefined =
      refusalOfDelegation(config, known, wish, today) ?? refusalOfMove(config, asked, wish);
    if (refusal) return toMend(delegationRefusalInWords(refusal));
    const { approvers } = moveSeats(config, [...known, wish], asked, now());
    const recorded = { ...wish, requestId, recordedAt: now().toISOString() };
    const details = { delegated: wish, approvers: approvers.map((one) => one.person) };
    if (!(await delegations.moveSeats(request, approvers, auditOf(actor, 'SeatDelegated', details), recorded)))
      continue;
    if (approvers.some((one) => one.standsInFor?.some((away) => away.person === person))) {
      await tellStandIn(dependencies, { ...request, approvers }, wish.to);
    }
    return done(`${config.people[wish.to]!.name} stands in for you until ${day(wish.until)}. It is recorded.`);
  }
  return 'busy';
}

async function endDelegation(
  { approvals, config, delegations, now }: ApproverActsDependencies,
  actor: Actor,
  from: string,
): Promise<ActResult> {
  const { requestId, person } = actor;
  const own = (await delegations.list()).find((one) => one.person === person && one.from === from);
  const today = localDate(calendarOf(config, person).timeZone, now().getTime());
  const until = own && own.from > today ? own.from : today;
  const { model } = (await approvals.findRequest(requestId))!;
  const ended =
    own !== undefined &&
    own.until > until &&
    (await delegations.end(own, until, model, auditOf(actor, 'DelegationEnded', { ...own, until })));
  return ended
    ? done('Ended. What was asked meanwhile stays with who stands in.')
    : refused('There is nothing to end any more.');
}

async function revoke(dependencies: ApproverActsDependencies, actor: Actor, why: string): Promise<ActResult> {
  const { approvals, lineage, now } = dependencies;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(actor.requestId))!;
    const version = await lineage.getVersion(request.model, request.version);
    const result = revokeApproval(request, version, actor.person, why, now());
    if (result.kind === 'Refused') {
      const words = withdrawalRefusalInWords(result.refusal);
      const isMendable = result.refusal.kind === 'ReasonNeeded' || result.refusal.kind === 'ReasonTooLong';
      return isMendable ? toMend(words) : refused(words);
    }
    const { withdrawal } = result;
    const details = { release: request.release, version: request.version, reason: withdrawal.reason };
    if (!(await approvals.revoke(request, withdrawal, auditOf(actor, 'ApprovalRevoked', details)))) continue;
    await tellRevocation(dependencies, request, version, withdrawal);
    return done('Taken back. The version may be neither deployed nor restored.', 'bad');
  }
  return 'busy';
}
