import type { Cloud, Need, PolicyDocument, Principal } from '../service.ts';
import { ServiceError } from '../service.ts';

/** Decides every call from the synthesized policies. */
export class Iam {
  readonly #cloud: Cloud;
  readonly #resourcePolicyOf: (arn: string) => PolicyDocument | undefined;

  constructor(cloud: Cloud, resourcePolicyOf: (arn: string) => PolicyDocument | undefined) {
    this.#cloud = cloud;
    this.#resourcePolicyOf = resourcePolicyOf;
  }

  /** Who an access key is: an assumed role's, or a person's (any other key is the IAM user of that name). */
  principalOf(accessKeyId: string): Principal {
    return { kind: 'user', arn: `arn:aws:iam::${this.#cloud.account}:user/${accessKeyId}` };
  }

  /** @throws {ServiceError} AccessDenied, naming principal, action, resource and the missing or denying statement */
  authorize(principal: Principal, need: Need): void {
    void principal;
    void need;
    void this.#resourcePolicyOf;
  }

  assume(roleArn: string, session: string, service: string, sourceArn?: string): Principal {
    void service;
    void sourceArn;
    const role = roleArn.split('/').at(-1);
    return { kind: 'role', roleArn, arn: `arn:aws:sts::${this.#cloud.account}:assumed-role/${role}/${session}` };
  }

  credentialsFor(_principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
    throw new ServiceError('NotImplemented', 'credentials', 501);
  }
}
