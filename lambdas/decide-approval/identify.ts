import type { ApprovalRequest, Approver } from '../../domain/approval/approval-request.ts';
import { missingGroups } from '../../domain/sign-in/person-of-subject.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import { redirectTo, sessionOf, signInUrl } from '../shared/session.ts';
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
  if (!session) {
    if (input.requestContext.http.method !== 'POST') return redirectTo(signInUrl(signIn, to));
    return answers.signInAgain(signInUrl(signIn, to), reasonIn(input));
  }
  if (session.person !== approver.person) {
    await note(dependencies, request, approver, session, 'another person');
    const name = (person: string) => config.people[person]?.name ?? person;
    return answers.wrongReader(name(session.person), name(approver.person), signInUrl(signIn, to, true));
  }
  const missing = missingGroups(approver.roles, session.groups, config);
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
