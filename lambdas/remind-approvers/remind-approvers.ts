import { approvalMail } from '../../domain/approval/approval-mail.ts';
import { type ApprovalRequest, statusNow } from '../../domain/approval/approval-request.ts';
import { moment } from '../../domain/approval/evidence.ts';
import type { ApprovalStore, LinkSigner } from '../../domain/approval/ports.ts';
import { escalatedApprovers, type Pressure, pressureAt, type Reminder } from '../../domain/approval/reminder.ts';
import { lastEditor } from '../../domain/approval/seats.ts';
import type { AuditTrail } from '../../domain/deployment/ports.ts';
import type { Mailer, Now } from '../../domain/ports.ts';
import { approvalUrl } from '../shared/approval-url.ts';
import { type EvidenceDependencies, evidenceOf } from '../shared/compile-evidence.ts';
import type { RemindApproversInput, RemindApproversOutput } from './contract.ts';

export interface RemindApproversDependencies extends EvidenceDependencies {
  readonly approvals: ApprovalStore;
  readonly audit: AuditTrail;
  readonly mailer: Mailer;
  readonly links: LinkSigner;
  readonly apiUrl: string;
  readonly now: Now;
  /** Told of a mail that could not be handed over; the others are sent all the same. */
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/**
 * Reminds those who have not decided at half of their working time, and escalates when everyone has used three quarters of it. A
 * reminder is claimed by condition before its mails are sent, so repeated and late events send one mail per person and stage.
 */
export const remindApprovers =
  (dependencies: RemindApproversDependencies) =>
  async (_input: RemindApproversInput): Promise<RemindApproversOutput> => {
    const { approvals, now } = dependencies;
    const done = { reminded: 0, escalated: 0 };
    for (const reminder of await approvals.listReminders()) {
      const request = await approvals.findRequest(reminder.requestId);
      if (!request || statusNow(request, now()) !== 'Pending') {
        await approvals.dropReminder(reminder);
        continue;
      }
      const pressed = await press(dependencies, reminder, request);
      if (pressed) done[pressed.stage === 'Escalated' ? 'escalated' : 'reminded'] += 1;
    }
    return done;
  };

async function press(
  dependencies: RemindApproversDependencies,
  reminder: Reminder,
  request: ApprovalRequest,
): Promise<Pressure | undefined> {
  const { approvals, config, now } = dependencies;
  const voted = new Set((await approvals.listVotes(request.requestId)).map(({ person }) => person));
  const waitedFor = request.approvers.filter(({ person }) => !voted.has(person));
  const pressure = pressureAt(config, reminder, waitedFor, now());
  if (!pressure) return undefined;
  const added = pressure.stage === 'Escalated' ? await escalated(dependencies, request) : [];
  const pressed = { ...request, approvers: [...request.approvers, ...added] };
  const claimed = await approvals.claimReminder(reminder, pressure, request, pressed.approvers, {
    type: pressure.stage === 'Escalated' ? 'ApprovalEscalated' : 'ApprovalReminded',
    actor: 'launchway:remind-approvers',
    subject: `approval/${request.requestId}`,
    details: {
      release: request.release,
      at: now().toISOString(),
      reminded: pressure.remind,
      added: added.map(({ person }) => person),
    },
  });
  if (!claimed) return undefined;
  await mailAll(dependencies, pressed, pressure, new Set(added.map(({ person }) => person)));
  return pressure;
}

async function escalated({ lineage, audit, config }: RemindApproversDependencies, request: ApprovalRequest) {
  const version = await lineage.getVersion(request.model, request.version);
  const editor = lastEditor(await audit.list(request.model), version.definition.sha256);
  return escalatedApprovers(config, request, version.team, editor ? [request.submitter, editor] : [request.submitter]);
}

async function mailAll(
  dependencies: RemindApproversDependencies,
  request: ApprovalRequest,
  { stage, remind }: Pressure,
  added: ReadonlySet<string>,
): Promise<void> {
  const { config, mailer, onUnreached } = dependencies;
  const people = new Map(Object.entries(config.people));
  for (const person of [...remind, ...added]) {
    try {
      const { name, email } = people.get(person)!;
      const evidence = await evidenceOf(dependencies, request, person);
      const link = await approvalUrl(dependencies, request, person);
      await mailer.send(approvalMail(evidence, { name, email }, link, noteFor(request, stage, added.has(person))));
    } catch (error) {
      onUnreached(error, request.requestId);
    }
  }
}

function noteFor({ expiresAt }: ApprovalRequest, stage: Pressure['stage'], isAdded: boolean) {
  const until = `It expires on ${moment(expiresAt)}, and silence is a no.`;
  if (isAdded) {
    return {
      subject: 'escalated to you',
      text: `Those who were asked first have not decided, so you are asked too. ${until}`,
    };
  }
  return stage === 'Escalated'
    ? { subject: 'last reminder', text: `Three quarters of your time to decide are over. ${until}` }
    : { subject: 'reminder', text: `Half of your time to decide is over. ${until}` };
}
