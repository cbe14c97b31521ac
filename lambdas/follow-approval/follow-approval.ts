import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import { type ApprovalRequest, statusNow } from '../../domain/approval/approval-request.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import { nameOf, readerOf, submissionDigest } from '../../domain/approval/submission-link.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { type SubmissionView, submissionPage } from '../../web/submission-page.ts';
import * as answers from '../decide-approval/answers.ts';
import { field, formCookie, formNonce, formOf, isCrossSite, linkOf } from '../decide-approval/read-request.ts';
import { statusOf } from '../shared/act-result.ts';
import { boundTo, redirectTo, type SignInDependencies, sessionOf, signInUrl } from '../shared/session.ts';
import { actAsSubmitter, SUBMITTER_ACTS, type SubmitterActsDependencies } from '../shared/submitter-acts.ts';
import type { FollowApprovalInput, FollowApprovalOutput } from './contract.ts';

export interface FollowApprovalDependencies extends SubmitterActsDependencies {
  /** Under the key of submitters' links. */
  readonly links: LinkSigner;
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
  const typed = field(form.fields, 'text') ?? '';
  const act = SUBMITTER_ACTS.find((known) => known === field(form.fields, 'act'));
  if (!act) return answers.unknownDecision();
  const result = await actAsSubmitter(dependencies, link.requestId, knownBy(opened), act, typed);
  if (result === 'busy') return answers.busy();
  const { text, tone } = result;
  const said = result.kind === 'mend' ? { problem: { of: act, text, typed } } : { notice: { tone, text } };
  return show(dependencies, input, opened, { statusCode: statusOf(result), ...said });
}

const knownBy = ({ link: { keyId, expires }, session }: Opened) => ({
  ...(session
    ? { identity: 'sign-in', knownAs: { issuer: session.issuer, subject: session.subject } }
    : { identity: 'link' }),
  link: { keyId, expires },
});
