import type { DeployedConfig } from '../deployed-config.ts';

/** Who AWS says has signed a request. */
export interface IamCaller {
  /** `arn:aws:iam::ACCOUNT:user/PATH/NAME` or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
  readonly userArn: string;
  /** The unique id: `AIDA…`, or `AROA…:SESSION`. */
  readonly callerId: string;
  readonly accountId: string;
}

/**
 * The person behind a signed request. A configured principal is a user's ARN, a role's ARN (whoever is let into that role), an
 * assumed role's ARN with its session, or a unique id; `*` as its account stands for `account`.
 *
 * @param account this deployment's
 * @returns undefined where no person or more than one matches
 */
export function personOfCaller(
  caller: IamCaller,
  { people }: Pick<DeployedConfig, 'people'>,
  account: string,
): string | undefined {
  const matching = Object.entries(people).filter(([, { principals }]) =>
    principals.some((principal) => names(principal, caller, account)),
  );
  return matching.length === 1 ? matching[0]![0] : undefined;
}

const ARN = /^arn:[^:]+:(?:iam|sts)::([^:]*):(user|role|assumed-role)\/(.+)$/;

function names(principal: string, caller: IamCaller, account: string): boolean {
  const [, named, kind, path = ''] = ARN.exec(principal) ?? [];
  if (kind === undefined) {
    const id = principal.replace(/^AWS:/, '');
    return caller.callerId === id || caller.callerId.startsWith(`${id}:`);
  }
  const [, callerAccount, callerKind, callerPath = ''] = ARN.exec(caller.userArn) ?? [];
  if (callerAccount !== (named === '*' ? account : named)) return false;
  if (kind === 'user') return callerKind === 'user' && callerPath === path;
  if (callerKind !== 'assumed-role') return false;
  const [role, session] = callerPath.split('/');
  // A role's ARN has its path, a session's has not.
  if (kind === 'role') return role === path.split('/').at(-1);
  const [wantedRole, wantedSession] = path.split('/');
  return role === wantedRole && (wantedSession === undefined || session === wantedSession);
}
