import { CHOICES } from '../../domain/approval/approval-request.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';
import { APPROVER_ACTS, type ApproverActsDependencies } from '../shared/approver-acts.ts';
import type { CastBallotDependencies } from '../shared/cast-ballot.ts';
import { isUnchanged } from '../shared/is-unchanged.ts';
import { boundTo, type SignInDependencies } from '../shared/session.ts';
import { act } from './acts.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import { decide } from './decide.ts';
import { type Opened, openLink } from './open-link.ts';
import { field, formNonce, formOf, isCrossSite } from './read-request.ts';
import { show } from './show.ts';

export interface DecideApprovalDependencies extends ApproverActsDependencies, CastBallotDependencies {
  readonly links: LinkSigner;
  /** At least 128 random bits, base64url. */
  readonly newNonce: () => string;
  /** Absent where no issuer is configured: then the link is all that an approver is known by. */
  readonly signIn?: SignInDependencies;
}

/** GET and HEAD show what is asked and change nothing; POST does what its form says, as the person whom the link names. */
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
  const text = (name: string) => field(form.fields, name) ?? '';
  const choice = CHOICES.find((known) => known === field(form.fields, 'decision'));
  const other = APPROVER_ACTS.find((known) => known === field(form.fields, 'act'));
  const isOne = form.fields.has('decision') !== form.fields.has('act');
  if (!isOne || (!choice && !other)) return answers.unknownDecision();
  if (!(await isUnchanged(dependencies, opened.request))) return answers.changedSubject();
  const said = choice
    ? await decide(dependencies, opened, choice, {
        reason: text('reason'),
        ticket: text('ticket'),
        reviewBy: text('reviewBy'),
      })
    : await act(dependencies, opened, other!, text);
  return said === 'busy' ? answers.busy() : show(dependencies, input, opened, said);
}
