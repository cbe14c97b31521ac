import type { ApprovalRequest, Approver } from '../../domain/approval/approval-request.ts';
import { namedApprover } from '../../domain/approval/named-approver.ts';
import { missingGroups } from '../../domain/sign-in/person-of-subject.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { redirectTo, type SignInDependencies, sessionOf, signInUrl } from '../shared/session.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import { field, formOf, linkOf } from './read-request.ts';

/**
 * Whom the issuer vouches for. Having the link is not being its approver: who has not signed in is sent to, and who is somebody
 * else is refused, and the audit says so once.
 */
export async function identify(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  request: ApprovalRequest,
  approver: Approver,
): Promise<{ readonly session?: Session } | DecideApprovalOutput> {
  const { signIn, config, now } = dependencies;
  if (!signIn) return {};
  const to = `/approvals/${request.requestId}?link=${linkOf(input) ?? ''}`;
  const session = await sessionOf(signIn, now, input);
  if (!session) return sentToSignIn(signIn, input, to);
  if (session.person !== approver.person) {
    await note(dependencies, request, approver, session, 'another person');
    const name = (person: string) => config.people[person]?.name ?? person;
    return answers.wrongReader(name(session.person), name(approver.person), signInUrl(signIn, to, true));
  }
  return inGroups(dependencies, request, approver, session);
}

/** Who opens a request without a link, as a channel names it: the session is all, so there must be one of an approver. */
export async function identifyWithoutLink(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  requestId: string,
): Promise<{ readonly request: ApprovalRequest; readonly session: Session } | DecideApprovalOutput> {
  const { signIn, approvals, config, now } = dependencies;
  if (!signIn) return answers.invalidLink();
  const session = await sessionOf(signIn, now, input);
  if (!session) return sentToSignIn(signIn, input, `/approvals/${requestId}`);
  const request = await approvals.findRequest(requestId);
  const approver = request && namedApprover(config, request, session.person);
  if (!request || !approver) return answers.notAsked();
  const admitted = await inGroups(dependencies, request, approver, session);
  return 'statusCode' in admitted ? admitted : { request, session };
}

function sentToSignIn(signIn: SignInDependencies, input: DecideApprovalInput, to: string): DecideApprovalOutput {
  if (input.requestContext.http.method !== 'POST') return redirectTo(signInUrl(signIn, to));
  return answers.signInAgain(signInUrl(signIn, to), reasonIn(input));
}

async function inGroups(
  dependencies: DecideApprovalDependencies,
  request: ApprovalRequest,
  approver: Approver,
  session: Session,
): Promise<{ readonly session: Session } | DecideApprovalOutput> {
  const missing = missingGroups(approver.roles, session.groups, dependencies.config);
  if (missing.length === 0) return { session };
  await note(dependencies, request, approver, session, `not in ${missing.join(', ')}`);
  return answers.notInGroup(missing);
}

const reasonIn = (input: DecideApprovalInput): string => {
  const form = formOf(input);
  return form.refused === undefined ? (field(form.fields, 'reason') ?? '') : '';
};

function note(
  { approvals }: DecideApprovalDependencies,
  request: ApprovalRequest,
  { person }: Approver,
  { issuer, subject, person: reader }: Session,
  why: string,
): Promise<void> {
  const knownAs = { issuer, subject };
  return approvals.noteRefusedIdentity(request, knownAs, {
    type: 'IdentityRefused',
    actor: reader,
    subject: `approval/${request.requestId}`,
    details: { linkOf: person, knownAs, why },
  });
}
