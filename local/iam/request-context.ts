import { uniqueIdOf } from '../principal-id.ts';
import type { Need, Principal } from '../service.ts';
import type { Context } from './policy.ts';
import type { Role } from './roles.ts';

/** What the global condition keys are made from. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly now: Date;
  /** The role behind the principal, where it is one. */
  readonly role?: Role | undefined;
}

/**
 * Condition keys of one request: the global ones, then the need's own.
 *
 * `aws:SecureTransport` is true although loopback is plain HTTP: the one deliberate difference, since every bucket, queue and
 * topic denies the rest.
 */
export function requestContext(principal: Principal, need: Need, surroundings: Surroundings): Context {
  const { account, region, now } = surroundings;
  const resourceAccount = need.resource.split(':')[4] || account;
  return {
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': resourceAccount,
    's3:ResourceAccount': need.action.startsWith('s3:') ? resourceAccount : undefined,
    'aws:ViaAWSService': 'false',
    'aws:SourceIp': '127.0.0.1',
    'aws:SourceArn': principal.sourceArn,
    'aws:SourceOwner': account,
    'aws:SourceAccount': principal.sourceArn === undefined ? undefined : principal.sourceArn.split(':')[4] || account,
    ...(principal.kind === 'service' ? serviceKeys(principal) : personKeys(principal, surroundings)),
    ...need.context,
  };
}

const serviceKeys = (principal: Principal): Context => ({
  'aws:PrincipalIsAWSService': 'true',
  'aws:PrincipalServiceName': principal.arn,
});

function personKeys(principal: Principal, { account, role }: Surroundings): Context {
  const name = principal.arn.split('/').at(-1)!;
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalAccount': account,
    'aws:PrincipalArn': principal.roleArn ?? principal.arn,
    'aws:PrincipalType': principal.kind === 'role' ? 'AssumedRole' : 'User',
    'aws:username': principal.kind === 'user' ? name : undefined,
    'aws:userid': uniqueIdOf(principal),
    ...Object.fromEntries(Object.entries(role?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}
