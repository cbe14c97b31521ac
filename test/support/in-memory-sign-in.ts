import { createHmac } from 'node:crypto';
import type { SignOuts } from '../../domain/sign-in/ports.ts';
import type { MacKey } from '../../domain/signed-text.ts';

export class InMemoryMacKey implements MacKey {
  readonly #secret: string;

  constructor(secret = 'session-key') {
    this.#secret = secret;
  }

  async generate(message: Uint8Array) {
    return new Uint8Array(createHmac('sha256', this.#secret).update(message).digest());
  }

  async isValid(message: Uint8Array, mac: Uint8Array) {
    return Buffer.from(await this.generate(message)).equals(mac);
  }
}

export class InMemorySignOuts implements SignOuts {
  readonly #last = new Map<string, Date>();

  async lastOf(person: string) {
    return this.#last.get(person);
  }

  async record(person: string, at: Date) {
    this.#last.set(person, at);
  }
}
