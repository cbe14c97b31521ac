import { randomBytes } from 'node:crypto';
import type { Cloud, Need, PolicyDocument, Principal } from '../service.ts';
import { NotImplementedError, ServiceError } from '../service.ts';
import { type Decision, decide } from './decide.ts';
import { type Denial, denialOf, describeDenial, refusal } from './denial.ts';
import { type Statement, statementsOf } from './policy.ts';
import { requestContext } from './request-context.ts';
import { Roles } from './roles.ts';
import { type RoleUse, usage } from './usage.ts';
import { UsageRecord } from './usage-record.ts';

const CREDENTIALS = 'iam.credentials';
const SESSIONS = 'iam.sessions';
const MOST_DENIALS = 200;

/** Stands for AdministratorAccess, which a person's key has here. */
const EVERYTHING: readonly Statement[] = statementsOf({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What permissions are decided from. */
export type IamCloud = Pick<Cloud, 'account' | 'region' | 'clock' | 'store'> & {
  readonly report: (line: string) => void;
};

/** Decides every call from the synthesized policies. */
export class Iam {
  readonly roles: Roles;
  readonly #usageRecord: UsageRecord;
  readonly #cloud: IamCloud;
  readonly #resourcePolicyOf: (arn: string) => PolicyDocument | undefined;
  readonly #denials: Denial[] = [];

  constructor(cloud: IamCloud, resourcePolicyOf: (arn: string) => PolicyDocument | undefined) {
    this.#cloud = cloud;
    this.#resourcePolicyOf = resourcePolicyOf;
    this.roles = new Roles(cloud.store);
    this.#usageRecord = new UsageRecord(cloud.store);
  }

  /** The last refused calls, oldest first. */
  get denials(): readonly Denial[] {
    return this.#denials;
  }

  /**
   * Who an access key is: an assumed role's, or a person's (any other key is the IAM user of that name).
   *
   * @throws {ServiceError} InvalidClientTokenId for a temporary key that nobody was given
   */
  principalOf(accessKeyId: string): Principal {
    const known = this.#cloud.store.get<Principal>(CREDENTIALS, accessKeyId);
    if (known) return known;
    if (/^ASIA[A-Z0-9]{16}$/.test(accessKeyId)) {
      throw new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    }
    return { kind: 'user', arn: `arn:aws:iam::${this.#cloud.account}:user/${accessKeyId}` };
  }

  /** @throws {ServiceError} AccessDenied, naming principal, action, resource and the missing or denying statement */
  authorize(principal: Principal, need: Need): void {
    this.#require(principal, need, this.#decisionOn(principal, need));
  }

  /** Whether it would be authorized; a no is nobody's denial. */
  allows(principal: Principal, need: Need): boolean {
    return this.#decisionOn(principal, need).allowed;
  }

  #decisionOn(principal: Principal, need: Need): Decision {
    const document = need.resource === '*' ? undefined : this.#resourcePolicyOf(need.resource);
    const resourceDecides = need.action.startsWith('kms:') || need.action === 'sts:AssumeRole';
    return this.#decide(principal, need, document, document !== undefined && resourceDecides);
  }

  /**
   * A service takes on a role.
   *
   * @param service `lambda.amazonaws.com`; or who calls `sts:AssumeRole`, by ARN
   * @param sourceArn on whose behalf: `aws:SourceArn` and `aws:SourceAccount` of the trust policy's conditions
   * @throws {ServiceError} AccessDenied where the trust policy does not let it
   */
  assume(roleArn: string, session: string, service: string, sourceArn?: string): Principal {
    const role = this.roles.find(roleArn);
    const need = { action: 'sts:AssumeRole', resource: roleArn };
    const caller = this.#callerOf(service, sourceArn);
    this.#require(caller, need, this.#decide(caller, need, role?.trust ?? { Statement: [] }, true));
    return {
      kind: 'role',
      roleArn,
      arn: `arn:aws:sts::${this.#cloud.account}:assumed-role/${role!.name}/${session}`,
    };
  }

  #callerOf(arn: string, sourceArn: string | undefined): Principal {
    const name = /^arn:aws:sts::\d*:assumed-role\/([^/]+)\//.exec(arn)?.[1];
    if (name !== undefined) {
      const roleArn = this.roles.byName(name)?.arn;
      return { kind: 'role', arn, ...(roleArn !== undefined && { roleArn }) };
    }
    if (arn.startsWith('arn:')) return { kind: 'user', arn };
    return { kind: 'service', arn, ...(sourceArn !== undefined && { sourceArn }) };
  }

  /** Lasting credentials of a session; the same session has the same ones. They do not expire here. */
  credentialsFor(principal: Principal): Credentials {
    if (principal.kind === 'service') {
      throw new ServiceError('InvalidClientTokenId', `expected a role or a user, got service ${principal.arn}`, 403);
    }
    const known = this.#cloud.store.get<Credentials>(SESSIONS, principal.arn);
    if (known) return known;
    const credentials = {
      accessKeyId: `ASIA${base32(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(48).toString('base64'),
    };
    this.#cloud.store.transaction(() => {
      this.#cloud.store.put(SESSIONS, principal.arn, credentials);
      this.#cloud.store.put(CREDENTIALS, credentials.accessKeyId, principal);
    });
    return credentials;
  }

  /** What each role may do, and what it has done. */
  usage(): Promise<RoleUse[]> {
    return usage(this.roles, this.#usageRecord);
  }

  #decide(
    principal: Principal,
    need: Need,
    resourcePolicy: PolicyDocument | undefined,
    resourceDecides: boolean,
  ): Decision {
    const { account, region, clock } = this.#cloud;
    const role = principal.roleArn === undefined ? undefined : this.roles.find(principal.roleArn);
    return decide({
      principal,
      account,
      action: need.action,
      resource: need.resource,
      context: requestContext(principal, need, { account, region, now: clock.date(), role }),
      identity: principal.kind === 'user' ? EVERYTHING : role ? this.roles.statements(role) : [],
      boundary: role && this.roles.boundary(role),
      resourcePolicy: resourcePolicy && statementsOf(resourcePolicy),
      resourceDecides,
    });
  }

  #require(principal: Principal, need: Need, decision: Decision): void {
    if (decision.allowed) {
      const role = principal.roleArn === undefined ? undefined : this.roles.find(principal.roleArn);
      if (role) this.#usageRecord.add(role.name, need.action, need.resource);
      return;
    }
    const denial = denialOf(principal, need, decision);
    this.#denials.push(denial);
    if (this.#denials.length > MOST_DENIALS) this.#denials.shift();
    this.#cloud.report(describeDenial(principal, denial, decision.by));
    throw refusal(denial);
  }
}

function base32(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % 32]).join('');
}

/** AWS's own managed policies are not known here: a role should carry its statements itself. */
export function refuseAwsManaged(arn: string): void {
  if (arn.startsWith('arn:aws:iam::aws:policy/')) throw new NotImplementedError(`iam:ManagedPolicy ${arn}`);
}
