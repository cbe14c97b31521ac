import { createHash } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import {
  type ApprovalLink,
  decodeLink,
  encodeLink,
  formMacInput,
  linkMacInput,
} from '../domain/approval/approval-link.ts';
import type { LinkSigner } from '../domain/approval/ports.ts';
import { KmsMacKey } from './kms-mac-key.ts';

/** Links and forms under a KMS key that never leaves KMS. While keys rotate, what the former one signed works until it expires. */
export class KmsLinkSigner implements LinkSigner {
  readonly #signingId: string;
  readonly #signing: KmsMacKey;
  /** Fingerprint → key. A link only chooses among these. */
  readonly #live: ReadonlyMap<string, KmsMacKey>;

  /** @param keyArns the key that signs, then those whose links still work */
  constructor(keyArns: readonly [string, ...string[]], client: KMSClient = new KMSClient({})) {
    this.#live = new Map(keyArns.map((arn) => [fingerprint(arn), new KmsMacKey(arn, client)]));
    this.#signingId = fingerprint(keyArns[0]);
    this.#signing = this.#live.get(this.#signingId)!;
  }

  async sign(link: Omit<ApprovalLink, 'keyId'>): Promise<string> {
    const signed: ApprovalLink = { ...link, keyId: this.#signingId };
    return encodeLink(signed, await this.#signing.generate(linkMacInput(signed)));
  }

  async verify(text: string): Promise<ApprovalLink | undefined> {
    const decoded = decodeLink(text);
    const key = decoded && this.#live.get(decoded.link.keyId);
    if (!decoded || key === undefined) return undefined;
    return (await key.isValid(linkMacInput(decoded.link), decoded.mac)) ? decoded.link : undefined;
  }

  async signForm(link: ApprovalLink, nonce: string): Promise<string> {
    return Buffer.from(await this.#signing.generate(formMacInput(link, nonce))).toString('base64url');
  }

  /** A form that was open while keys rotated is one of the former key's: a form does not say whose it is. */
  async verifyForm(link: ApprovalLink, nonce: string, token: string): Promise<boolean> {
    if (!/^[\w-]{43}$/.test(token)) return false;
    for (const key of this.#live.values()) {
      if (await key.isValid(formMacInput(link, nonce), Buffer.from(token, 'base64url'))) return true;
    }
    return false;
  }
}

/** Names a key in a link without telling the account. */
const fingerprint = (keyArn: string): string => createHash('sha256').update(keyArn).digest('hex').slice(0, 12);
