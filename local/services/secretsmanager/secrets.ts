import { createHash, randomUUID } from 'node:crypto';
import { type Cloud, ServiceError } from '../../service.ts';

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly text?: string;
  readonly versionId: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly deletionDate?: number;
}

const SPACE = 'secretsmanager.secrets';

/** The secrets of one cloud, by name. */
export class Secrets {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** With the six characters that AWS puts after a name; here the same ones for the same name. */
  arnOf(name: string): string {
    if (name.startsWith('arn:')) return name;
    const suffix = createHash('sha256').update(name).digest('base64url').replace(/[-_]/g, 'x').slice(0, 6);
    return `arn:aws:secretsmanager:${this.#cloud.region}:${this.#cloud.account}:secret:${name}-${suffix}`;
  }

  /** By name, or by ARN with or without its last six characters. A secret whose recovery window is over is gone. */
  find(id: string): Secret | undefined {
    const name = id.replace(/^arn:aws:secretsmanager:[^:]*:\d*:secret:/, '');
    const secret = this.#at(name) ?? (id.startsWith('arn:') ? this.#at(name.replace(/-\w{6}$/, '')) : undefined);
    return secret?.deletionDate !== undefined && secret.deletionDate <= this.#cloud.clock.now() ? undefined : secret;
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(id: string): Secret {
    const secret = this.find(id);
    if (!secret)
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  }

  /** @throws {ServiceError} ResourceExistsException, also while a former one can be recovered */
  create(name: string, text: string | undefined, versionId: string = randomUUID()): Secret {
    if (this.find(name)) {
      throw new ServiceError(
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const changedAt = this.#cloud.clock.now();
    const secret = { arn: this.arnOf(name), name, versionId, changedAt, ...(text !== undefined && { text }) };
    this.put(secret);
    return secret;
  }

  put(secret: Secret): void {
    this.#cloud.store.put(SPACE, secret.name, secret);
  }

  remove({ name }: Secret): void {
    this.#cloud.store.delete(SPACE, name);
  }

  #at = (name: string): Secret | undefined => this.#cloud.store.get<Secret>(SPACE, name);
}
