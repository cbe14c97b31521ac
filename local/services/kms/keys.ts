import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, PolicyDocument } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';

/** A key as stored; its material is a file of its own. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly spec: string;
  readonly usage: 'ENCRYPT_DECRYPT' | 'GENERATE_VERIFY_MAC';
  readonly policy: PolicyDocument;
  readonly description: string;
  readonly enabled: boolean;
  readonly rotation: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; set while deletion is pending. */
  readonly deleteAt?: number | undefined;
}

/** Bytes of key material by key spec. */
const SPECS = new Map<string, { readonly bytes: number; readonly usage: Key['usage'] }>([
  ['SYMMETRIC_DEFAULT', { bytes: 32, usage: 'ENCRYPT_DECRYPT' }],
  ['HMAC_224', { bytes: 28, usage: 'GENERATE_VERIFY_MAC' }],
  ['HMAC_256', { bytes: 32, usage: 'GENERATE_VERIFY_MAC' }],
  ['HMAC_384', { bytes: 48, usage: 'GENERATE_VERIFY_MAC' }],
  ['HMAC_512', { bytes: 64, usage: 'GENERATE_VERIFY_MAC' }],
]);

const KEYS = 'kms.keys';
const ALIASES = 'kms.aliases';

/** What a new key may be given. */
export type KeySettings = Partial<Pick<Key, 'policy' | 'description' | 'enabled' | 'rotation' | 'tags'>>;

/** Keys, their material and their aliases. */
export class Keys {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** @throws {NotImplementedError} asymmetric keys */
  create(spec: string, usage: string | undefined, settings: KeySettings): Key {
    const known = SPECS.get(spec);
    if (!known) throw new NotImplementedError(`kms:CreateKey KeySpec ${spec}`);
    if (usage !== undefined && usage !== known.usage) {
      throw new ServiceError('ValidationException', `expected KeyUsage ${known.usage} for ${spec}, got ${usage}`);
    }
    const { account, region, clock } = this.#cloud;
    const id = randomUUID();
    const key: Key = {
      id,
      arn: `arn:aws:kms:${region}:${account}:key/${id}`,
      spec,
      usage: known.usage,
      policy: accountPolicy(account),
      description: '',
      enabled: true,
      rotation: false,
      tags: {},
      createdAt: clock.now(),
      ...settings,
    };
    this.#writeMaterial(id, randomBytes(known.bytes));
    this.put(key);
    return key;
  }

  put(key: Key): void {
    this.#cloud.store.put(KEYS, key.id, key);
  }

  list(): Key[] {
    return this.#cloud.store.list<Key>(KEYS).map(({ value }) => value);
  }

  /** @param reference key id, key ARN, `alias/NAME` or alias ARN */
  find(reference: string): Key | undefined {
    const name = reference.startsWith('arn:') ? reference.split(':').slice(5).join(':') : reference;
    const id = name.startsWith('alias/') ? this.#cloud.store.get<string>(ALIASES, name) : name.replace(/^key\//, '');
    return id === undefined ? undefined : this.#cloud.store.get<Key>(KEYS, id);
  }

  /** @throws {ServiceError} NotFoundException */
  get(reference: unknown): Key {
    const key = typeof reference === 'string' ? this.find(reference) : undefined;
    if (key) return key;
    const arn = this.arnOf(String(reference));
    throw new ServiceError(
      'NotFoundException',
      arn.includes(':alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`,
    );
  }

  /** The key's ARN where it exists, else the one it would have. */
  arnOf(reference: string): string {
    const known = this.find(reference)?.arn;
    if (known !== undefined || reference.startsWith('arn:')) return known ?? reference;
    const { account, region } = this.#cloud;
    return `arn:aws:kms:${region}:${account}:${reference.startsWith('alias/') ? reference : `key/${reference}`}`;
  }

  material(key: Key): Buffer {
    return readFileSync(this.#file(key.id));
  }

  /** Deletes key and material: what it encrypted is lost. */
  destroy(id: string): void {
    this.#cloud.store.delete(KEYS, id);
    rmSync(this.#file(id), { force: true });
  }

  putAlias(name: string, id: string): void {
    this.#cloud.store.put(ALIASES, name, id);
  }

  deleteAlias(name: string): void {
    this.#cloud.store.delete(ALIASES, name);
  }

  aliases(): { readonly name: string; readonly id: string }[] {
    return this.#cloud.store.list<string>(ALIASES).map(({ key: name, value: id }) => ({ name, id }));
  }

  #writeMaterial(id: string, bytes: Uint8Array): void {
    mkdirSync(join(this.#cloud.stateDir, 'kms'), { recursive: true, mode: 0o700 });
    const draft = `${this.#file(id)}.draft`;
    writeFileSync(draft, bytes, { mode: 0o600, flush: true });
    renameSync(draft, this.#file(id));
  }

  #file(id: string): string {
    return join(this.#cloud.stateDir, 'kms', `${id}.key`);
  }
}

/** The policy AWS gives a key that is created without one: the account's own policies decide. */
const accountPolicy = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
});
