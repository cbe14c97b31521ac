import { type Cloud, ServiceError } from '../../service.ts';
import { addressOf } from './mailbox.ts';

/** An address or a domain that may send. */
export interface Identity {
  readonly name: string;
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, string>>;
}

const IDENTITIES = 'ses.identities';

/** Addresses and domains; here each is verified as soon as it exists, since there is nobody to click. */
export class Identities {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(name: string): string {
    return `arn:aws:ses:${this.#cloud.region}:${this.#cloud.account}:identity/${name}`;
  }

  put(identity: Identity): void {
    if (!/^([^\s@<>]+@)?[\w-]+(\.[\w-]+)*$/.test(identity.name)) {
      throw new ServiceError('BadRequestException', `expected an address or a domain, got ${identity.name}`);
    }
    this.#cloud.store.put(IDENTITIES, identity.name.toLowerCase(), identity);
  }

  find(name: string): Identity | undefined {
    return this.#cloud.store.get<Identity>(IDENTITIES, name.toLowerCase());
  }

  get(name: string): Identity {
    const identity = this.find(name);
    if (!identity) throw new ServiceError('NotFoundException', `Email identity <${name}> does not exist.`, 404);
    return identity;
  }

  list(): Identity[] {
    return this.#cloud.store.list<Identity>(IDENTITIES).map((entry) => entry.value);
  }

  delete(name: string): void {
    this.#cloud.store.delete(IDENTITIES, name.toLowerCase());
  }

  /** The identity that lets `mailbox` send: the address itself, its domain, or a domain above. */
  verifying(mailbox: string): Identity | undefined {
    const address = addressOf(mailbox);
    const labels = (address.split('@')[1] ?? '').split('.');
    const domains = labels.map((_, index) => labels.slice(index).join('.'));
    return [address, ...domains].map((name) => this.find(name)).find(Boolean);
  }
}
