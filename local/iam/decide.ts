import type { Principal } from '../service.ts';
import { conditionsHold } from './conditions.ts';
import { matchesAction, matchesArn, matchesWildcard, resolveVariables } from './match.ts';
import type { Context, Statement } from './policy.ts';

/** Which policy decided. */
export type PolicyKind = 'identity-based policy' | 'resource-based policy' | 'permissions boundary';

/** Everything a decision depends on. */
export interface Question {
  readonly principal: Principal;
  /** The principal's account, 12 digits. */
  readonly account: string;
  /** `s3:PutObject` */
  readonly action: string;
  /** An ARN or `*`. */
  readonly resource: string;
  /** Condition keys of the request, global ones included. */
  readonly context: Context;
  /** The principal's own policies; empty for a service principal. */
  readonly identity: readonly Statement[];
  /** Undefined: the principal has no permissions boundary. */
  readonly boundary?: readonly Statement[] | undefined;
  /** Undefined: the resource has no policy. */
  readonly resourcePolicy?: readonly Statement[] | undefined;
  /** KMS keys: the key policy must allow, or hand over to the account's policies. */
  readonly resourceDecides?: boolean;
}

export type Decision =
  | { readonly allowed: true; readonly by: PolicyKind; readonly statement: Statement }
  | { readonly allowed: false; readonly explicit: boolean; readonly by: PolicyKind; readonly statement?: Statement };

/**
 * Decides one request as IAM does within an account.
 *
 * 1. An explicit Deny in any applicable policy ends it.
 * 2. A resource policy that names the session or everyone, or a service principal, allows by itself; one that names the role
 *    allows within the permissions boundary; one that names the account hands over to the identity policies.
 * 3. Otherwise an identity policy must allow, within the permissions boundary.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export function decide(question: Question): Decision {
  const { identity, boundary, resourcePolicy = [], resourceDecides = false } = question;
  const denied =
    explicitDeny(identity, question, 'identity-based policy') ??
    explicitDeny(resourcePolicy, question, 'resource-based policy') ??
    explicitDeny(boundary ?? [], question, 'permissions boundary');
  if (denied) return denied;

  const bounded = boundary === undefined || allows(boundary, question) !== undefined;
  const grant = resourceGrant(resourcePolicy, question);
  if (grant && (grant.reach === 'session' || (grant.reach === 'role' && bounded))) {
    return { allowed: true, by: 'resource-based policy', statement: grant.statement };
  }
  if (question.principal.kind === 'service' || (resourceDecides && !grant)) {
    return { allowed: false, explicit: false, by: 'resource-based policy' };
  }
  const statement = allows(identity, question);
  if (!statement && grant?.reach !== 'role') return { allowed: false, explicit: false, by: 'identity-based policy' };
  if (!bounded) return { allowed: false, explicit: false, by: 'permissions boundary' };
  return { allowed: true, by: 'identity-based policy', statement: statement! };
}

function explicitDeny(statements: readonly Statement[], question: Question, by: PolicyKind): Decision | undefined {
  const statement = statements.find(
    (candidate) =>
      candidate.effect === 'Deny' &&
      applies(candidate, question) &&
      (candidate.principals === undefined || reachOf(candidate, question) !== undefined),
  );
  return statement && { allowed: false, explicit: true, by, statement };
}

const allows = (statements: readonly Statement[], question: Question): Statement | undefined =>
  statements.find((statement) => statement.effect === 'Allow' && applies(statement, question));

/** How directly a resource policy's principal names who calls. */
type Reach = 'session' | 'role' | 'account';

function resourceGrant(
  statements: readonly Statement[],
  question: Question,
): { readonly statement: Statement; readonly reach: Reach } | undefined {
  const order: readonly Reach[] = ['session', 'role', 'account'];
  return statements
    .filter((statement) => statement.effect === 'Allow' && applies(statement, question))
    .flatMap((statement) => {
      const reach = reachOf(statement, question);
      return reach ? [{ statement, reach }] : [];
    })
    .sort((a, b) => order.indexOf(a.reach) - order.indexOf(b.reach))[0];
}

function reachOf({ principals }: Statement, { principal, account }: Question): Reach | undefined {
  const named = principals?.get('AWS') ?? [];
  if (named.includes('*')) return 'session';
  if (principal.kind === 'service') {
    return principals?.get('Service')?.includes(principal.arn) ? 'session' : undefined;
  }
  if (named.includes(principal.arn)) return 'session';
  if (principal.roleArn !== undefined && named.includes(principal.roleArn)) return 'role';
  return named.includes(account) || named.includes(`arn:aws:iam::${account}:root`) ? 'account' : undefined;
}

/** Action, resource and conditions; the principal is judged separately. */
function applies(statement: Statement, { action, resource, context }: Question): boolean {
  const actionListed = statement.actions.some((pattern) => matchesAction(pattern, action));
  if (actionListed === statement.actionsExcluded) return false;
  if (statement.resources) {
    const resourceListed = statement.resources.some((pattern) => {
      const resolved = resolveVariables(pattern, context);
      if (resolved === undefined) return false;
      return resource === '*' ? matchesWildcard(resolved, '*') : matchesArn(resolved, resource);
    });
    if (resourceListed === statement.resourcesExcluded) return false;
  }
  return conditionsHold(statement.conditions, context);
}
