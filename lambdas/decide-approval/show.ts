import { type ApprovalRequest, type ApprovalStatus, statusNow } from '../../domain/approval/approval-request.ts';
import { calendarOf, localDate } from '../../domain/approval/working-calendar.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import type { ActForm, AwayView } from '../../web/approval-acts.ts';
import { type ApprovalView, approvalPage } from '../../web/approval-page.ts';
import { evidenceOf } from '../shared/compile-evidence.ts';
import { isUnchanged } from '../shared/is-unchanged.ts';
import { boundTo } from '../shared/session.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import type { Opened } from './open-link.ts';
import { formCookie, formNonce } from './read-request.ts';

type ActName = keyof NonNullable<ApprovalView['acts']>;

/** What the page says besides the evidence: what just happened, or what is wrong with what was sent. */
export interface Said {
  readonly notice?: ApprovalView['notice'];
  readonly problem?: { readonly of: ActName; readonly text: string; readonly typed?: ActForm['typed'] };
  /** @default 200 */
  readonly statusCode?: number;
}

/** The page as it is now. An open request whose subject is no longer what was asked about is not shown at all. */
export async function show(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  opened: Opened,
  { notice, problem, statusCode = 200 }: Said = {},
): Promise<DecideApprovalOutput> {
  const { approvals, links, newNonce } = dependencies;
  const { link, session } = opened;
  const request = (await approvals.findRequest(link.requestId)) ?? opened.request;
  if (!(await isUnchanged(dependencies, request))) return answers.changedSubject();
  const view = await viewOf(dependencies, request, link.approver, session);
  const nonce = formNonce(input, request.requestId) ?? newNonce();
  const csrf = await links.signForm(link, boundTo(session, nonce));
  const form = (of: ActName): ActForm => ({
    csrf,
    ...(problem?.of === of && { problem: problem.text, ...(problem.typed && { typed: problem.typed }) }),
  });
  const acts = await actsOf(dependencies, view, form);
  const page = approvalPage({ ...view, ...(notice && { notice }), acts });
  const hasForm = Object.keys(acts).length > 0;
  return answers.answer(statusCode, page, hasForm ? [formCookie(input, request.requestId, nonce)] : undefined);
}

async function actsOf(
  dependencies: DecideApprovalDependencies,
  view: ApprovalView,
  form: (of: ActName) => ActForm,
): Promise<NonNullable<ApprovalView['acts']>> {
  const { request, status, votes, reader, revoked } = view;
  // Who has just handed the seat over is an approver no more.
  if (!request.approvers.some(({ person }) => person === reader.person)) return {};
  if (status === 'Approved') return revoked ? {} : { revoke: form('revoke') };
  if (status !== 'Pending') return {};
  const hasVoted = votes.some(({ person }) => person === reader.person);
  return {
    ...(!hasVoted && { vote: form('vote'), away: await awayOf(dependencies, view, form('away')) }),
    say: form('say'),
  };
}

async function awayOf(
  { config, delegations, now }: DecideApprovalDependencies,
  { reader: { person }, request, timeZone }: ApprovalView,
  form: ActForm,
): Promise<AwayView> {
  const approvers = new Set(Object.values(config.roles).flat());
  const out = new Set(request.excluded.map((one) => one.person));
  const others = Object.entries(config.people)
    .filter(([id]) => id !== person && approvers.has(id) && !out.has(id))
    .map(([id, { name }]) => ({ person: id, name }));
  const today = localDate(timeZone, now().getTime());
  const own = (await delegations.list()).filter((one) => one.person === person && one.until > today);
  return { form, others, own, today };
}

/** The page as a reader has it, without what only they may have: the forms. */
export async function viewOf(
  dependencies: DecideApprovalDependencies,
  request: ApprovalRequest,
  reader: string,
  session: Session | undefined,
): Promise<ApprovalView> {
  const { approvals, config, lineage, now, signIn, thread } = dependencies;
  const names = new Map(Object.entries(config.people).map(([id, { name }]) => [id, name]));
  const status: ApprovalStatus = statusNow(request, now());
  const { approval } = await lineage.getVersion(request.model, request.version);
  const { revoked, reviewBy } = approval?.requestId === request.requestId ? approval : {};
  const { roles } = request.approvers.find(({ person }) => person === reader) ?? { roles: [] };
  return {
    request,
    evidence: await evidenceOf(dependencies, request, reader),
    votes: await approvals.listVotes(request.requestId),
    notes: await thread.list(request.requestId),
    status,
    ...(revoked && { revoked }),
    ...(reviewBy !== undefined && { review: { reviewBy, now: now() } }),
    reader: {
      person: reader,
      name: names.get(reader) ?? reader,
      ...(session && signIn && { signedIn: { ...session, signOutUrl: `${signIn.pagesUrl}/sign-out` } }),
    },
    timeZone: calendarOf(config, reader, roles).timeZone,
    names,
  };
}

/** Keeps the page as its reader had it before them. @returns hex SHA-256 of what was kept */
export async function keepPage(
  dependencies: DecideApprovalDependencies,
  { request, link, session }: Opened,
): Promise<string> {
  const { team } = await dependencies.lineage.getVersion(request.model, request.version);
  const page = approvalPage(await viewOf(dependencies, request, link.approver, session));
  return dependencies.archive.keepPage(team, request, page.body);
}
