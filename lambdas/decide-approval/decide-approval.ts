import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import { type ApprovalRequest, CHOICES, type Choice, statusNow } from '../../domain/approval/approval-request.ts';
import { approvalDigest, approvalSubject } from '../../domain/approval/approval-subject.ts';
import type { VoteResult } from '../../domain/approval/cast-vote.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { type ApprovalView, approvalPage } from '../../web/approval-page.ts';
import type { ApprovalArchive } from '../shared/approval-archive.ts';
import { type CastBallotDependencies, castBallot } from '../shared/cast-ballot.ts';
import { type EvidenceDependencies, evidenceOf } from '../shared/compile-evidence.ts';
import { boundTo, type SignInDependencies } from '../shared/session.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import { identify } from './identify.ts';
import { field, formCookie, formNonce, formOf, isCrossSite, linkOf, requestIdOf } from './read-request.ts';

export interface DecideApprovalDependencies extends EvidenceDependencies, CastBallotDependencies {
  readonly links: LinkSigner;
  readonly archive: ApprovalArchive;
  /** At least 128 random bits, base64url. */
  readonly newNonce: () => string;
  /** Absent where no issuer is configured: then the link is all that an approver is known by. */
  readonly signIn?: SignInDependencies;
}

/** GET and HEAD show what is asked and change nothing; POST decides what the link names, and nothing else. */
export const decideApproval =
  (dependencies: DecideApprovalDependencies) =>
  async (input: DecideApprovalInput): Promise<DecideApprovalOutput> => {
    const { method } = input.requestContext.http;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return answers.methodNotAllowed();
    const opened = await openLink(dependencies, input);
    if ('statusCode' in opened) return opened;
    if (method === 'POST') return post(dependencies, input, opened);
    const shown = await show(dependencies, input, opened);
    return method === 'HEAD' ? { statusCode: shown.statusCode, headers: shown.headers, body: '' } : shown;
  };

interface Opened {
  readonly link: ApprovalLink;
  readonly request: ApprovalRequest;
  /** Absent where no issuer is configured. */
  readonly session?: Session;
}

async function openLink(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
): Promise<Opened | DecideApprovalOutput> {
  const { approvals, links, now } = dependencies;
  const requestId = requestIdOf(input);
  const text = linkOf(input);
  const link = text === undefined ? undefined : await links.verify(text);
  if (!link || link.requestId !== requestId) return answers.invalidLink();
  if (isExpired(link, now())) return answers.expiredLink();
  const request = await approvals.findRequest(requestId);
  const approver = request?.approvers.find(({ person }) => person === link.approver);
  if (!request || !approver) return answers.invalidLink();
  if (link.digest !== request.digest) return answers.changedSubject();
  const identified = await identify(dependencies, input, request, approver);
  return 'statusCode' in identified ? identified : { link, request, ...identified };
}

async function show(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  opened: Opened,
  said: Pick<ApprovalView, 'notice'> & { readonly problem?: string; readonly reason?: string } = {},
  statusCode = 200,
): Promise<DecideApprovalOutput> {
  const { approvals, links, newNonce } = dependencies;
  const { link } = opened;
  const request = (await approvals.findRequest(link.requestId)) ?? opened.request;
  if (!(await isUnchanged(dependencies, request))) return answers.changedSubject();
  const view = await viewOf(dependencies, request, link.approver, opened.session);
  const mayVote = view.status === 'Pending' && !view.votes.some(({ person }) => person === link.approver);
  const nonce = formNonce(input, request.requestId) ?? newNonce();
  const { session } = opened;
  const page = approvalPage({
    ...view,
    ...(said.notice && { notice: said.notice }),
    ...(mayVote && {
      form: {
        csrf: await links.signForm(link, boundTo(session, nonce)),
        ...(said.problem !== undefined && { problem: said.problem }),
        ...(said.reason !== undefined && { reason: said.reason }),
      },
    }),
  });
  return answers.answer(statusCode, page, mayVote ? [formCookie(input, request.requestId, nonce)] : undefined);
}

/** The page as this reader has it now, without what only they may have: the form. */
async function viewOf(
  dependencies: DecideApprovalDependencies,
  request: ApprovalRequest,
  reader: string,
  session: Session | undefined,
): Promise<ApprovalView> {
  const { approvals, config, now, signIn } = dependencies;
  const names = new Map(Object.entries(config.people).map(([id, { name }]) => [id, name]));
  return {
    request,
    evidence: await evidenceOf(dependencies, request, reader),
    votes: await approvals.listVotes(request.requestId),
    status: statusNow(request, now()),
    reader: {
      person: reader,
      name: names.get(reader) ?? reader,
      ...(session && signIn && { signedIn: { ...session, signOutUrl: `${signIn.pagesUrl}/sign-out` } }),
    },
    names,
  };
}

/** The evidence on the page, and the version voted about, must be what the approval will be bound to. */
async function isUnchanged(
  { lineage, readDefinition }: DecideApprovalDependencies,
  request: ApprovalRequest,
): Promise<boolean> {
  const version = await lineage.getVersion(request.model, request.version);
  const subject = approvalSubject(version, await readDefinition(version.definition), request.seats);
  return approvalDigest(subject) === request.digest;
}

async function post(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  opened: Opened,
): Promise<DecideApprovalOutput> {
  const form = formOf(input);
  if (form.refused !== undefined) return form.refused === 'too large' ? answers.tooLarge() : answers.notAForm();
  const nonce = formNonce(input, opened.link.requestId);
  const csrf = field(form.fields, 'csrf') ?? '';
  const isOurs =
    nonce !== undefined && (await dependencies.links.verifyForm(opened.link, boundTo(opened.session, nonce), csrf));
  if (!isOurs || isCrossSite(input)) return answers.staleForm();
  const choice = CHOICES.find((known) => known === field(form.fields, 'decision'));
  if (!choice) return answers.unknownDecision();
  if (!(await isUnchanged(dependencies, opened.request))) return answers.changedSubject();
  const reason = field(form.fields, 'reason') ?? '';
  const result = await vote(dependencies, opened, choice, reason);
  if (result === 'busy') return answers.busy();
  if (result.kind === 'Counted') {
    const notice = { tone: result.status === 'Rejected' ? 'bad' : 'good', text: counted(result) } as const;
    return show(dependencies, input, opened, { notice });
  }
  const text = answers.refusalInWords(result.refusal);
  const status = answers.refusalStatus(result.refusal);
  const said = status === 422 ? { problem: text, reason } : { notice: { tone: 'plain' as const, text } };
  return show(dependencies, input, opened, said, status);
}

const counted = ({ status, vote: { choice } }: Extract<VoteResult, { kind: 'Counted' }>): string => {
  if (status === 'Approved') return 'Approved. Every seat is filled: the version is deployed now.';
  if (status === 'Rejected') return 'Rejected. The version is not deployed; what serves stays as it is.';
  return `Recorded: you ${choice === 'approve' ? 'approved' : 'rejected'}. Others are still asked.`;
};

/** A ballot as the link names its voter, with the page it was cast on. */
const vote = (
  dependencies: DecideApprovalDependencies,
  { link, request, session }: Opened,
  choice: Choice,
  reason: string,
): Promise<VoteResult | 'busy'> =>
  castBallot(dependencies, {
    requestId: link.requestId,
    ballot: {
      person: link.approver,
      choice,
      reason,
      digest: link.digest,
      ...(session
        ? { identity: 'sign-in', knownAs: { issuer: session.issuer, subject: session.subject } }
        : { identity: 'link' }),
    },
    // Kept before the vote that it belongs to: a page without a vote harms nobody.
    shown: async () => ({
      link: { keyId: link.keyId, expires: link.expires },
      page: await keepPage(dependencies, request, link.approver, session),
    }),
  });

async function keepPage(
  dependencies: DecideApprovalDependencies,
  request: ApprovalRequest,
  reader: string,
  session: Session | undefined,
): Promise<string> {
  const { team } = await dependencies.lineage.getVersion(request.model, request.version);
  const page = approvalPage(await viewOf(dependencies, request, reader, session));
  return dependencies.archive.keepPage(team, request, page.body);
}
