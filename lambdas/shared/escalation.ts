import type { MailNote } from '../../domain/approval/approval-mail.ts';
import type { ApprovalRequest, Approver } from '../../domain/approval/approval-request.ts';
import { moment } from '../../domain/approval/moment.ts';
import { escalatedApprovers } from '../../domain/approval/reminder.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import { type AskedPeopleDependencies, involvedIn } from './asked-people.ts';
import { type MailApproverDependencies, mailApprover } from './mail-approver.ts';

export interface EscalationDependencies
  extends Pick<AskedPeopleDependencies, 'lineage' | 'audit' | 'config'>,
    MailApproverDependencies {
  /** Told of a mail that could not be handed over; the others are sent all the same. */
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/** Whom the tier names to be asked too, by four eyes, and who is not asked yet. */
export async function othersToAsk(
  dependencies: EscalationDependencies,
  request: ApprovalRequest,
): Promise<readonly Approver[]> {
  const version = await dependencies.lineage.getVersion(request.model, request.version);
  const involved = await involvedIn(dependencies, request.submitter, version);
  return escalatedApprovers(dependencies.config, request, version.team, involved);
}

/** One mail to each, with a note that says until when they have, by their own clock. */
export async function mailEach(
  dependencies: EscalationDependencies,
  request: ApprovalRequest,
  people: readonly string[],
  noteFor: (until: string) => MailNote,
): Promise<void> {
  for (const person of people) {
    const { roles } = request.approvers.find((one) => one.person === person)!;
    const expires = moment(request.expiresAt, calendarOf(dependencies.config, person, roles).timeZone);
    const note = noteFor(`It expires on ${expires}, and silence is a no.`);
    const failure = await mailApprover(dependencies, request, person, note);
    if (failure) dependencies.onUnreached(failure, request.requestId);
  }
}
