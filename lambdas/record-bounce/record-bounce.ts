import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { bounceMail } from '../../domain/approval/bounce-mail.ts';
import type { ApprovalStore } from '../../domain/approval/ports.ts';
import { type Bounce, isNews, needsOthers } from '../../domain/approval/unreachable.ts';
import { oneLine } from '../../domain/mail/visible-text.ts';
import { type EscalationDependencies, mailEach, othersToAsk } from '../shared/escalation.ts';
import type { RecordBounceInput, RecordBounceOutput } from './contract.ts';

export interface RecordBounceDependencies extends EscalationDependencies {
  readonly approvals: ApprovalStore;
}

const ATTEMPTS = 6;

/**
 * Notes that the mail which asks an approver was not delivered. Where the others cannot fill the seats, those whom the tier
 * escalates to are asked at once; the operators are told in any case. A repeated event changes nothing.
 */
export const recordBounce =
  (dependencies: RecordBounceDependencies) =>
  async (input: RecordBounceInput): Promise<RecordBounceOutput> => {
    let recorded = false;
    for (const bounce of await bouncesOf(dependencies, input)) {
      if (await recordOne(dependencies, bounce)) recorded = true;
    }
    return { recorded };
  };

async function recordOne(dependencies: RecordBounceDependencies, bounce: Bounce): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const done = await record(dependencies, bounce);
    if (done !== 'changed meanwhile') return done;
  }
  throw new Error(`expected request ${bounce.requestId} to hold still within ${ATTEMPTS} attempts`);
}

/** One, or one of each request that a digest lists: those of its kind that wait for its reader. */
async function bouncesOf({ approvals }: RecordBounceDependencies, input: RecordBounceInput): Promise<Bounce[]> {
  const bounce = bounceOf(input);
  if (!input.mail.tags['launchway-digest']) return [bounce];
  const reminders = await approvals.listReminders();
  const requests = await Promise.all(reminders.map(({ requestId }) => approvals.findRequest(requestId)));
  return requests.flatMap((request) =>
    request?.mailed === 'daily' && request.approvers.some(({ person }) => person === bounce.person)
      ? [{ ...bounce, requestId: request.requestId }]
      : [],
  );
}

function bounceOf({ mail, eventType, bounce, complaint, reject }: RecordBounceInput): Bounce {
  const lasting = eventType === 'Reject' || bounce?.bounceType === 'Permanent';
  const said = bounce?.bouncedRecipients[0]?.diagnosticCode ?? reject?.reason ?? complaint?.complaintFeedbackType;
  return {
    requestId: mail.tags['launchway-request'][0],
    person: mail.tags['launchway-person'][0],
    kind: eventType === 'Complaint' ? 'complaint' : lasting ? 'lasting' : 'passing',
    why: oneLine(said ?? bounce?.bounceSubType ?? 'no reason given', 300),
  };
}

async function record(dependencies: RecordBounceDependencies, bounce: Bounce): Promise<boolean | 'changed meanwhile'> {
  const { approvals } = dependencies;
  const request = await approvals.findRequest(bounce.requestId);
  if (!request) return false;
  const votes = await approvals.listVotes(bounce.requestId);
  if (!isNews(request, votes, bounce)) return false;
  const unreachable = [...(request.unreachable ?? []), ...(bounce.kind === 'lasting' ? [bounce.person] : [])];
  const stuck = needsOthers(request, votes, unreachable);
  const added = stuck ? await othersToAsk(dependencies, request) : [];
  const next = { ...request, unreachable, approvers: [...request.approvers, ...added] };
  const audit = {
    type: bounce.kind === 'lasting' ? 'ApproverNotReached' : 'MailNotDelivered',
    actor: 'launchway:record-bounce',
    subject: `approval/${request.requestId}`,
    details: { release: request.release, ...bounce, added: added.map(({ person }) => person) },
  };
  if (!(await approvals.noteUnreachable(request, next, audit))) return 'changed meanwhile';
  const names = added.map(({ person }) => person);
  await mailEach(dependencies, next, names, (until) => ({
    subject: 'escalated to you',
    text: `Somebody who was asked first cannot be reached by mail, so you are asked too. ${until}`,
  }));
  await tellOperators(dependencies, next, bounce, names, stuck && needsOthers(next, votes, unreachable));
  return true;
}

async function tellOperators(
  { config, mailer, onUnreached }: RecordBounceDependencies,
  request: ApprovalRequest,
  bounce: Bounce,
  added: readonly string[],
  stuck: boolean,
): Promise<void> {
  const people = new Map(Object.entries(config.people));
  const who = people.get(bounce.person) ?? { name: bounce.person, email: 'no address' };
  const names = added.map((person) => people.get(person)?.name ?? person);
  try {
    await mailer.send(bounceMail(request, bounce, who, config.mail.operators, names, stuck));
  } catch (error) {
    onUnreached(error, request.requestId);
  }
}
