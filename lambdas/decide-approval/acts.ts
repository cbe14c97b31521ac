import {
  type Delegation,
  type DelegationRefusal,
  moveSeats,
  refusalOfDelegation,
  refusalOfMove,
} from '../../domain/approval/delegation.ts';
import { day } from '../../domain/approval/moment.ts';
import { exclusion } from '../../domain/approval/seats.ts';
import { type Note, nextNote } from '../../domain/approval/thread.ts';
import { revokeApproval } from '../../domain/approval/withdrawal.ts';
import { calendarOf, localDate } from '../../domain/approval/working-calendar.ts';
import { allDelegations, involvedIn } from '../shared/asked-people.ts';
import { tellStandIn } from '../shared/mail-approver.ts';
import { tellRevocation } from '../shared/tell-revocation.ts';
import { tellQuestion } from '../shared/thread-mails.ts';
import * as answers from './answers.ts';
import { identityOf } from './decide.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import type { Opened } from './open-link.ts';
import type { Said } from './show.ts';

/** What an approver can do besides deciding. None of it is a vote. */
export const ACTS = ['ask', 'comment', 'delegate', 'back', 'revoke'] as const;
export type Act = (typeof ACTS)[number];

type Field = (name: string) => string;

const ATTEMPTS = 6;

export function act(
  dependencies: DecideApprovalDependencies,
  opened: Opened,
  name: Act,
  field: Field,
): Promise<Said | 'busy'> {
  switch (name) {
    case 'ask':
      return say(dependencies, opened, 'question', field('text'));
    case 'comment':
      return say(dependencies, opened, 'comment', field('text'));
    case 'delegate':
      return delegate(dependencies, opened, { to: field('to'), from: field('from'), until: field('until') });
    case 'back':
      return endDelegation(dependencies, opened, field('from'));
    case 'revoke':
      return revoke(dependencies, opened, field('why'));
  }
}

const auditOf = (opened: Opened, type: string, details: Readonly<Record<string, unknown>>) => ({
  type,
  actor: opened.link.approver,
  subject: `approval/${opened.link.requestId}`,
  details: {
    release: opened.request.release,
    version: opened.request.version,
    digest: opened.link.digest,
    ...identityOf(opened),
    link: { keyId: opened.link.keyId, expires: opened.link.expires },
    ...details,
  },
});

async function say(
  dependencies: DecideApprovalDependencies,
  opened: Opened,
  kind: Note['kind'],
  text: string,
): Promise<Said | 'busy'> {
  const { approvals, thread, now } = dependencies;
  const { requestId, approver } = opened.link;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const result = nextNote(request, await thread.list(requestId), { kind, by: approver, text }, now());
    if (result.kind === 'Refused') {
      const { refusal } = result;
      const said = answers.noteRefusalInWords(refusal);
      return refusal.kind === 'Closed'
        ? { statusCode: 409, notice: { tone: 'plain', text: said } }
        : { statusCode: 422, problem: { of: 'say', text: said, typed: { text } } };
    }
    const { note } = result;
    const type = kind === 'question' ? 'QuestionAsked' : 'CommentMade';
    if (!(await thread.add(request, note, auditOf(opened, type, { number: note.number, text: note.text })))) continue;
    if (kind === 'question') await tellQuestion(dependencies, request, note);
    return { notice: { tone: 'good', text: kind === 'question' ? 'Asked. The answer is mailed to you.' : 'Noted.' } };
  }
  return 'busy';
}

async function delegate(
  dependencies: DecideApprovalDependencies,
  opened: Opened,
  typed: Omit<Delegation, 'person'>,
): Promise<Said | 'busy'> {
  const { approvals, config, delegations, lineage, now } = dependencies;
  const { requestId, approver: person } = opened.link;
  const wish = { ...typed, person };
  const today = localDate(calendarOf(config, person).timeZone, now().getTime());
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const voted = new Set((await approvals.listVotes(requestId)).map((vote) => vote.person));
    const version = await lineage.getVersion(request.model, request.version);
    const whyExcluded = exclusion(config, version.team, await involvedIn(dependencies, request.submitter, version));
    const known = await allDelegations(dependencies);
    const asked = { seats: request.seats, approvers: request.approvers, voted, whyExcluded };
    const refusal: DelegationRefusal | undefined =
      refusalOfDelegation(config, known, wish, today) ?? refusalOfMove(config, asked, wish);
    if (refusal) {
      const text = answers.delegationRefusalInWords(refusal);
      return { statusCode: 422, problem: { of: 'away', text, typed } };
    }
    const { approvers } = moveSeats(config, [...known, wish], asked, now());
    const recorded = { ...wish, requestId, recordedAt: now().toISOString() };
    const audit = auditOf(opened, 'SeatDelegated', { delegated: wish, approvers: approvers.map((one) => one.person) });
    if (!(await delegations.moveSeats(request, approvers, audit, recorded))) continue;
    if (approvers.some((one) => one.standsInFor?.some((away) => away.person === person))) {
      await tellStandIn(dependencies, { ...request, approvers }, wish.to);
    }
    const until = `${config.people[wish.to]!.name} stands in for you until ${day(wish.until)}.`;
    return { notice: { tone: 'good', text: `${until} It is recorded.` } };
  }
  return 'busy';
}

async function endDelegation(
  { config, delegations, now }: DecideApprovalDependencies,
  opened: Opened,
  from: string,
): Promise<Said> {
  const { approver: person } = opened.link;
  const own = (await delegations.list()).find((one) => one.person === person && one.from === from);
  const today = localDate(calendarOf(config, person).timeZone, now().getTime());
  const until = own && own.from > today ? own.from : today;
  const ended =
    own !== undefined &&
    own.until > until &&
    (await delegations.end(own, until, opened.request.model, auditOf(opened, 'DelegationEnded', { ...own, until })));
  return ended
    ? { notice: { tone: 'good', text: 'Ended. What was asked meanwhile stays with who stands in.' } }
    : { statusCode: 409, notice: { tone: 'plain', text: 'There is nothing to end any more.' } };
}

async function revoke(dependencies: DecideApprovalDependencies, opened: Opened, why: string): Promise<Said | 'busy'> {
  const { approvals, lineage, now } = dependencies;
  const { requestId, approver } = opened.link;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const version = await lineage.getVersion(request.model, request.version);
    const result = revokeApproval(request, version, approver, why, now());
    if (result.kind === 'Refused') {
      const text = answers.withdrawalRefusalInWords(result.refusal);
      const isMendable = result.refusal.kind === 'ReasonNeeded' || result.refusal.kind === 'ReasonTooLong';
      return isMendable
        ? { statusCode: 422, problem: { of: 'revoke', text, typed: { why } } }
        : { statusCode: 409, notice: { tone: 'plain', text } };
    }
    const { withdrawal } = result;
    const audit = auditOf(opened, 'ApprovalRevoked', { reason: withdrawal.reason });
    if (!(await approvals.revoke(request, withdrawal, audit))) continue;
    await tellRevocation(dependencies, request, version, withdrawal);
    return { notice: { tone: 'bad', text: 'Taken back. The version may be neither deployed nor restored.' } };
  }
  return 'busy';
}
