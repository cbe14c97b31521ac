import type { Need, Principal } from '../service.ts';
import { ServiceError } from '../service.ts';
import type { Decision, PolicyKind } from './decide.ts';

/** A refused call: who wanted what, and what would allow it. */
export interface Denial {
  /** Role name, user name or service principal. */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  /** IAM's own sentence. */
  readonly reason: string;
  /** The statement that is missing, or the one that denies. */
  readonly statement: unknown;
  readonly explicit: boolean;
}

/** Services whose APIs spell the refusal in their own way; the others use AccessDeniedException with 400. */
const REFUSALS = new Map<string, readonly [code: string, status: number]>([
  ['s3', ['AccessDenied', 403]],
  ['sts', ['AccessDenied', 403]],
  ['iam', ['AccessDenied', 403]],
  ['cloudwatch', ['AccessDenied', 403]],
  ['sqs', ['AccessDeniedException', 403]],
  ['sns', ['AuthorizationError', 403]],
  ['lambda', ['AccessDeniedException', 403]],
  ['scheduler', ['AccessDeniedException', 403]],
  ['ses', ['AccessDeniedException', 403]],
  ['execute-api', ['AccessDeniedException', 403]],
]);

/** Puts a decision into words: AWS's for the caller, ours for whoever has to repair the role. */
export function denialOf(principal: Principal, need: Need, decision: Decision & { allowed: false }): Denial {
  const { action, resource } = need;
  const because = decision.explicit
    ? `with an explicit deny in a${decision.by.startsWith('i') ? 'n' : ''} ${decision.by}`
    : `because no ${decision.by} allows the ${action} action`;
  return {
    who: (principal.roleArn ?? principal.arn).split('/').at(-1)!,
    action,
    resource,
    reason: `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
    statement: decision.explicit
      ? { Effect: 'Deny', Sid: decision.statement?.sid, Action: decision.statement?.actions }
      : missingStatement(principal, need, decision.by),
    explicit: decision.explicit,
  };
}

function missingStatement(principal: Principal, { action, resource }: Need, by: string) {
  const statement = { Effect: 'Allow', Action: action, Resource: resource };
  if (by !== 'resource-based policy') return statement;
  return {
    ...statement,
    Principal: principal.kind === 'service' ? { Service: principal.arn } : { AWS: principal.roleArn ?? principal.arn },
  };
}

/** Where a missing statement belongs. */
const PLACES: Readonly<Record<PolicyKind, string>> = {
  'identity-based policy': 'its policy',
  'resource-based policy': "the resource's policy",
  'permissions boundary': 'its permissions boundary',
};

/** `denied: role ApproveRole may not s3:PutObject on arn…; add to its policy: {…}` */
export function describeDenial(principal: Principal, denial: Denial, by: PolicyKind): string {
  const statement = JSON.stringify(denial.statement);
  const remedy = denial.explicit ? `the ${by} denies it: ${statement}` : `add to ${PLACES[by]}: ${statement}`;
  return `denied: ${principal.kind} ${denial.who} may not ${denial.action} on ${denial.resource}; ${remedy}`;
}

/** The error that the called API answers. */
export function refusal({ action, reason }: Denial): ServiceError {
  const [code, status] = REFUSALS.get(action.split(':')[0]!) ?? ['AccessDeniedException', 400];
  return new ServiceError(code, reason, status);
}
