import { approvalMail, type MailNote } from '../../domain/approval/approval-mail.ts';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { listed } from '../../domain/approval/measured-words.ts';
import { day, moment } from '../../domain/approval/moment.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { Mailer } from '../../domain/ports.ts';
import type { ApprovalArchive } from './approval-archive.ts';
import { approvalUrl } from './approval-url.ts';
import { type EvidenceDependencies, evidenceOf } from './compile-evidence.ts';

export interface MailApproverDependencies extends EvidenceDependencies {
  readonly mailer: Mailer;
  readonly links: Pick<LinkSigner, 'sign'>;
  readonly archive: ApprovalArchive;
  /** Base URL of the approval pages, without a trailing slash. */
  readonly apiUrl: string;
}

/**
 * Mails one approver the evidence with a link of their own; what they get is kept before it is handed over.
 *
 * @returns why the mail could not be handed over; undefined where it was
 */
export async function mailApprover(
  dependencies: MailApproverDependencies,
  request: ApprovalRequest,
  person: string,
  note?: MailNote,
): Promise<Error | undefined> {
  const { archive, config, lineage, mailer } = dependencies;
  const { team } = await lineage.getVersion(request.model, request.version);
  const known = new Map(Object.entries(config.people)).get(person);
  if (!known) return new RangeError(`expected ${person} among the configured people, got none`);
  const { name, email } = known;
  const evidence = await evidenceOf(dependencies, request, person);
  const link = await approvalUrl(dependencies, request, person);
  const mail = approvalMail(evidence, { person, name, email }, link, note);
  await archive.keepMail(team, request, mail, link);
  try {
    await mailer.send(mail);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Asks somebody in place of who is away. */
export async function tellStandIn(
  dependencies: MailApproverDependencies & { readonly onUnreached: (error: unknown, requestId: string) => void },
  request: ApprovalRequest,
  person: string,
): Promise<void> {
  const { standsInFor = [], roles } = request.approvers.find((one) => one.person === person) ?? { roles: [] };
  const name = (id: string) => dependencies.config.people[id]?.name ?? id;
  const away = standsInFor.map((one) => `${name(one.person)}, who is away until ${day(one.until)}`);
  const until = moment(request.expiresAt, calendarOf(dependencies.config, person, roles).timeZone);
  const text = `You are asked for ${listed(away)}. It expires on ${until}, and silence is a no.`;
  const failure = await mailApprover(dependencies, request, person, { subject: 'you stand in', text });
  if (failure) dependencies.onUnreached(failure, request.requestId);
}
