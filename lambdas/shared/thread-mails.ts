import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore, LinkSigner, ThreadStore } from '../../domain/approval/ports.ts';
import { addressOf, nameOf, readerOf, submissionDigest } from '../../domain/approval/submission-link.ts';
import type { Note } from '../../domain/approval/thread.ts';
import { answerMail, questionMail, submissionMail } from '../../domain/approval/thread-mail.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { LineageStore, Mail, Mailer, Now } from '../../domain/ports.ts';

interface MailingDependencies {
  readonly config: DeployedConfig;
  readonly mailer: Mailer;
  readonly now: Now;
  /** Told of a mail that could not be handed over; what was recorded stays, and the hourly look sends it again. */
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

export interface SubmitterMailDependencies extends MailingDependencies {
  readonly lineage: LineageStore;
  /** Under the key of submitters' links, which opens nothing of an approver's. */
  readonly submissionLinks: Pick<LinkSigner, 'sign'>;
  /** Base URL of the pages, without a trailing slash. */
  readonly apiUrl: string;
}

export interface AnswerMailDependencies extends MailingDependencies {
  readonly approvals: Pick<ApprovalStore, 'listVotes'>;
  readonly thread: ThreadStore;
}

/** The address under which who submitted follows a request, until it expires. */
async function submissionUrl(
  { submissionLinks, apiUrl }: SubmitterMailDependencies,
  { requestId, submitter, expiresAt }: ApprovalRequest,
): Promise<string> {
  const expires = Math.floor(Date.parse(expiresAt) / 1000);
  const link = { requestId, approver: readerOf(submitter), digest: submissionDigest(requestId), expires };
  return `${apiUrl}/approvals/${requestId}/submission?link=${await submissionLinks.sign(link)}`;
}

/** Tells who submitted a release that people are asked about it. */
export async function tellSubmitter(dependencies: SubmitterMailDependencies, request: ApprovalRequest): Promise<void> {
  const { config } = dependencies;
  const { to, zone } = await submitterOf(dependencies, request);
  const names = request.approvers.map(({ person }) => config.people[person]?.name ?? person);
  const mail = submissionMail(request, to, names, await submissionUrl(dependencies, request), zone);
  await handOver(dependencies, request, mail);
}

/** Mails a question to who submitted what is asked about. */
export async function tellQuestion(
  dependencies: SubmitterMailDependencies & { readonly thread: Pick<ThreadStore, 'markTold'> },
  request: ApprovalRequest,
  note: Note,
): Promise<void> {
  const { config, thread, now } = dependencies;
  const { to, zone } = await submitterOf(dependencies, request);
  const asker = config.people[note.by]?.name ?? note.by;
  const mail = questionMail(request, note, to, asker, await submissionUrl(dependencies, request), zone);
  if (await handOver(dependencies, request, mail)) await thread.markTold(note, now().toISOString());
}

/** Mails an answer to everyone who has not decided yet. */
export async function tellAnswer(
  dependencies: AnswerMailDependencies,
  request: ApprovalRequest,
  note: Note,
): Promise<void> {
  const { approvals, config, thread, now } = dependencies;
  const voted = new Set((await approvals.listVotes(request.requestId)).map(({ person }) => person));
  const before = (await thread.list(request.requestId)).filter(({ number }) => number < note.number);
  const question = before.findLast(({ kind }) => kind === 'question');
  const by = nameOf(config, request.submitter);
  let reached = true;
  for (const { person, roles } of request.approvers.filter((one) => !voted.has(one.person))) {
    const email = new Map(Object.entries(config.people)).get(person)?.email;
    if (email === undefined) continue; // no longer of the deployed configuration
    const mail = answerMail(request, note, question, email, by, calendarOf(config, person, roles).timeZone);
    reached = (await handOver(dependencies, request, mail)) && reached;
  }
  if (reached) await thread.markTold(note, now().toISOString());
}

async function submitterOf({ config, lineage }: SubmitterMailDependencies, { model, submitter }: ApprovalRequest) {
  const { owner } = await lineage.getModel(model);
  return { to: addressOf(config, owner, submitter), zone: calendarOf(config, submitter.person ?? '').timeZone };
}

async function handOver(
  { mailer, onUnreached }: MailingDependencies,
  { requestId }: ApprovalRequest,
  mail: Mail,
): Promise<boolean> {
  try {
    await mailer.send(mail);
    return true;
  } catch (error) {
    onUnreached(error, requestId);
    return false;
  }
}
