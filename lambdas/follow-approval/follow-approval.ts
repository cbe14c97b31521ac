import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import { type ApprovalRequest, statusNow } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore, DecisionQueue, LinkSigner } from '../../domain/approval/ports.ts';
import { nameOf, readerOf, submissionDigest } from '../../domain/approval/submission-link.ts';
import { nextNote } from '../../domain/approval/thread.ts';
import { withdrawRequest } from '../../domain/approval/withdrawal.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { Submitter } from '../../domain/model.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { type SubmissionView, submissionPage } from '../../web/submission-page.ts';
import * as answers from '../decide-approval/answers.ts';
import { field, formCookie, formNonce, formOf, isCrossSite, linkOf } from '../decide-approval/read-request.ts';
import { boundTo, redirectTo, type SignInDependencies, sessionOf, signInUrl } from '../shared/session.ts';
import { type AnswerMailDependencies, tellAnswer } from '../shared/thread-mails.ts';
import type { FollowApprovalInput, FollowApprovalOutput } from './contract.ts';

export interface FollowApprovalDependencies extends Omit<AnswerMailDependencies, 'approvals'> {
  readonly approvals: Pick<ApprovalStore, 'findRequest' | 'listVotes' | 'close'>;
  /** Under the key of submitters' links. */
  readonly links: LinkSigner;
  readonly decisions: DecisionQueue;
  /** Told when a withdrawal could not be announced; the sweep delivers it within the hour. */
  readonly onUnannounced: (error: unknown, requestId: string) => void;
  /** At least 128 random bits, base64url. */
  readonly newNonce: () => string;
  /** Absent where no issuer is configured. */
  readonly signIn?: SignInDependencies;
}

interface Opened {
  readonly link: ApprovalLink;
  readonly request: ApprovalRequest;
  readonly session?: Session;
}

type Said = Pick<SubmissionView, 'notice' | 'problem'> & { readonly statusCode?: number };

const ATTEMPTS = 6;

/** The page of who submitted: GET shows how the request stands and what is asked, POST answers or withdraws. */
export const followApproval =
  (dependencies: FollowApprovalDependencies) =>
  async (input: FollowApprovalInput): Promise<FollowApprovalOutput> => {
    const { method } = input.requestContext.http;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return answers.methodNotAllowed();
    const opened = await openLink(dependencies, input);
    if ('statusCode' in opened) return opened;
    if (method === 'POST') return post(dependencies, input, opened);
    const shown = await show(dependencies, input, opened);
    return method === 'HEAD' ? { ...shown, cookies: [], body: '' } : shown;
  };

async function openLink(
  dependencies: FollowApprovalDependencies,
  input: FollowApprovalInput,
): Promise<Opened | FollowApprovalOutput> {
  const { approvals, links, now } = dependencies;
  const requestId = /\/approvals\/([A-Za-z0-9]{16,64})\/submission$/.exec(input.rawPath)?.[1];
  const text = linkOf(input);
  const link = text === undefined ? undefined : await links.verify(text);
  if (!link || link.requestId !== requestId || link.digest !== submissionDigest(requestId))
    return answers.invalidLink();
  const request = await approvals.findRequest(requestId);
  if (!request || link.approver !== readerOf(request.submitter)) return answers.invalidLink();
  if (isExpired(link, now())) return answers.expiredLink(request);
  const identified = await identify(dependencies, input, link);
  return 'statusCode' in identified ? identified : { link, request, ...identified };
}

/** Where an issuer is configured, having the link is not being its reader. */
async function identify(
  { signIn, now, config }: FollowApprovalDependencies,
  input: FollowApprovalInput,
  { approver, requestId }: ApprovalLink,
): Promise<{ readonly session?: Session } | FollowApprovalOutput> {
  if (!signIn) return {};
  const to = `/approvals/${requestId}/submission?link=${linkOf(input) ?? ''}`;
  const session = await sessionOf(signIn, now, input);
  if (!session) {
    const isPost = input.requestContext.http.method === 'POST';
    return isPost ? answers.signInAgain(signInUrl(signIn, to), '') : redirectTo(signInUrl(signIn, to));
  }
  if (session.person === approver) return { session };
  const name = (person: string) => config.people[person]?.name ?? person;
  return answers.wrongReader(name(session.person), name(approver), signInUrl(signIn, to, true));
}

async function show(
  { approvals, thread, links, config, now, newNonce }: FollowApprovalDependencies,
  input: FollowApprovalInput,
  opened: Opened,
  { statusCode = 200, ...said }: Said = {},
): Promise<FollowApprovalOutput> {
  const { link, session } = opened;
  const request = (await approvals.findRequest(link.requestId)) ?? opened.request;
  const nonce = formNonce(input, link.requestId) ?? newNonce();
  const status = statusNow(request, now());
  const page = submissionPage({
    request,
    status,
    votes: await approvals.listVotes(link.requestId),
    notes: await thread.list(link.requestId),
    reader: nameOf(config, request.submitter),
    names: new Map(Object.entries(config.people).map(([id, { name }]) => [id, name])),
    timeZone: calendarOf(config, request.submitter.person ?? '').timeZone,
    ...said,
    ...(status === 'Pending' && { csrf: await links.signForm(link, boundTo(session, nonce)) }),
  });
  const cookies = status === 'Pending' ? [formCookie(input, link.requestId, nonce)] : undefined;
  return answers.answer(statusCode, page, cookies);
}

async function post(
  dependencies: FollowApprovalDependencies,
  input: FollowApprovalInput,
  opened: Opened,
): Promise<FollowApprovalOutput> {
  const { link, session } = opened;
  const form = formOf(input);
  if (form.refused !== undefined) return form.refused === 'too large' ? answers.tooLarge() : answers.notAForm();
  const nonce = formNonce(input, link.requestId);
  const csrf = field(form.fields, 'csrf') ?? '';
  const isOurs = nonce !== undefined && (await dependencies.links.verifyForm(link, boundTo(session, nonce), csrf));
  if (!isOurs || isCrossSite(input)) return answers.staleForm();
  const text = field(form.fields, 'text') ?? '';
  const name = field(form.fields, 'act');
  if (name !== 'answer' && name !== 'withdraw') return answers.unknownDecision();
  const said = await (name === 'answer' ? answerQuestion : withdraw)(dependencies, opened, text);
  return said === 'busy' ? answers.busy() : show(dependencies, input, opened, said);
}

const auditOf = ({ link, request, session }: Opened, type: string, details: Readonly<Record<string, unknown>>) => ({
  type,
  actor: link.approver,
  subject: `approval/${link.requestId}`,
  details: {
    release: request.release,
    version: request.version,
    digest: request.digest,
    ...(session
      ? { identity: 'sign-in', knownAs: { issuer: session.issuer, subject: session.subject } }
      : { identity: 'link' }),
    link: { keyId: link.keyId, expires: link.expires },
    ...details,
  },
});

async function answerQuestion(
  dependencies: FollowApprovalDependencies,
  opened: Opened,
  text: string,
): Promise<Said | 'busy'> {
  const { approvals, thread, now } = dependencies;
  const { requestId, approver } = opened.link;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const request = (await approvals.findRequest(requestId))!;
    const said = { kind: 'answer', by: approver, text } as const;
    const result = nextNote(request, await thread.list(requestId), said, now());
    if (result.kind === 'Refused') {
      const words = answers.noteRefusalInWords(result.refusal);
      return result.refusal.kind === 'Closed'
        ? { statusCode: 409, notice: { tone: 'plain', text: words } }
        : { statusCode: 422, problem: { of: 'answer', text: words, typed: text } };
    }
    const { note } = result;
    const audit = auditOf(opened, 'QuestionAnswered', { number: note.number, text: note.text });
    if (!(await thread.add(request, note, audit))) continue;
    await tellAnswer(dependencies, request, note);
    return { notice: { tone: 'good', text: 'Answered. Everyone who has not decided yet gets it by mail.' } };
  }
  return 'busy';
}

async function withdraw(dependencies: FollowApprovalDependencies, opened: Opened, text: string): Promise<Said> {
  const { approvals, decisions, config, now, onUnannounced } = dependencies;
  const request = (await approvals.findRequest(opened.link.requestId))!;
  const who: Submitter = request.submitter;
  const result = withdrawRequest(config, request, who, text, now());
  const refused = (words: string): Said => ({ statusCode: 409, notice: { tone: 'plain', text: words } });
  if (result.kind === 'Refused') {
    const words = answers.withdrawalRefusalInWords(result.refusal);
    const isMendable = result.refusal.kind === 'ReasonNeeded' || result.refusal.kind === 'ReasonTooLong';
    return isMendable ? { statusCode: 422, problem: { of: 'withdraw', text: words, typed: text } } : refused(words);
  }
  const { withdrawal } = result;
  const audit = auditOf(opened, 'ApprovalWithdrawn', { reason: withdrawal.reason });
  const closed = await approvals.close(request.requestId, 'Withdrawn', withdrawal.at, audit, withdrawal);
  if (closed.status !== 'Withdrawn')
    return refused(answers.withdrawalRefusalInWords({ kind: 'Closed', status: closed.status as 'Approved' }));
  // The outbox row is committed: a lost announcement only delays the answer until the sweep.
  await decisions.announce(request.requestId).catch((error) => onUnannounced(error, request.requestId));
  return { notice: { tone: 'good', text: 'Withdrawn. Nobody is asked any more, and nothing is deployed.' } };
}
