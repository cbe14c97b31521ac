import type { MailNote } from '../../domain/approval/approval-mail.ts';
import { type ApprovalRequest, statusNow } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore, ThreadStore } from '../../domain/approval/ports.ts';
import { type Pressure, pressureAt, type Reminder } from '../../domain/approval/reminder.ts';
import { announceNotice, type NoticeDependencies } from '../shared/announce-notice.ts';
import { type EscalationDependencies, mailEach, othersToAsk } from '../shared/escalation.ts';
import { tellStandIn } from '../shared/mail-approver.ts';
import { type SubmitterMailDependencies, tellAnswer, tellQuestion } from '../shared/thread-mails.ts';
import type { RemindApproversInput, RemindApproversOutput } from './contract.ts';
import { type MailDigestsDependencies, mailDigests } from './mail-digests.ts';
import { askStandIns, type StandInsDependencies } from './stand-ins.ts';
import { type TellReviewsDependencies, tellReviews } from './tell-reviews.ts';

export interface RemindApproversDependencies
  extends StandInsDependencies,
    EscalationDependencies,
    SubmitterMailDependencies,
    NoticeDependencies,
    TellReviewsDependencies,
    MailDigestsDependencies {
  readonly approvals: ApprovalStore;
  readonly thread: ThreadStore;
}

/** Younger notes are being mailed by those who wrote them. */
const GRACE_MS = 10 * 60_000;

/**
 * Asks those who stand in for people who are away by now, reminds those who have not decided at half of their working time, and escalates when everyone has used three quarters of it; then mails the day's digests, and tells of approvals that are to be reviewed. A
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
      await tellWhatIsUntold(dependencies, request);
      const pressed = await press(dependencies, reminder, request);
      if (pressed) done[pressed.stage === 'Escalated' ? 'escalated' : 'reminded'] += 1;
    }
    await mailDigests(dependencies);
    await tellReviews(dependencies);
    return done;
  };

/** Mails what was asked or answered and could not be mailed then. */
async function tellWhatIsUntold(dependencies: RemindApproversDependencies, request: ApprovalRequest): Promise<void> {
  const { thread, now } = dependencies;
  const before = new Date(now().getTime() - GRACE_MS).toISOString();
  const notes = await thread.list(request.requestId);
  for (const note of notes.filter(({ toldAt, at }) => toldAt === undefined && at < before)) {
    if (note.kind === 'question') await tellQuestion(dependencies, request, note);
    if (note.kind === 'answer') await tellAnswer(dependencies, request, note);
  }
}

async function press(
  dependencies: RemindApproversDependencies,
  reminder: Reminder,
  read: ApprovalRequest,
): Promise<Pressure | undefined> {
  const { approvals, config, now } = dependencies;
  const voted = new Set((await approvals.listVotes(read.requestId)).map(({ person }) => person));
  const { request, asked } = await askStandIns(dependencies, read, voted);
  for (const person of asked) await tellStandIn(dependencies, request, person);
  const waitedFor = request.approvers.filter(({ person }) => !voted.has(person));
  const pressure = pressureAt(config, reminder, waitedFor, now());
  if (!pressure) return undefined;
  const added = pressure.stage === 'Escalated' ? await othersToAsk(dependencies, request) : [];
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
  const before = pressure.remind.filter((person) => !asked.includes(person));
  await mailEach(dependencies, pressed, before, reminderNote(pressure.stage));
  await mailEach(
    dependencies,
    pressed,
    added.map(({ person }) => person),
    escalationNote,
  );
  if (pressure.stage === 'Escalated') await announceNotice(dependencies, pressed, 'escalated');
  return pressure;
}

const escalationNote = (until: string): MailNote => ({
  subject: 'escalated to you',
  text: `Those who were asked first have not decided, so you are asked too. ${until}`,
});

const reminderNote =
  (stage: Pressure['stage']) =>
  (until: string): MailNote =>
    stage === 'Escalated'
      ? { subject: 'last reminder', text: `Three quarters of your time to decide are over. ${until}` }
      : { subject: 'reminder', text: `Half of your time to decide is over. ${until}` };
