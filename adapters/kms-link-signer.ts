import { createHash } from 'node:crypto';
import { GenerateMacCommand, KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';
import {
  type ApprovalLink,
  decodeLink,
  encodeLink,
  formMacInput,
  linkMacInput,
} from '../domain/approval/approval-link.ts';
import type { LinkSigner } from '../domain/approval/ports.ts';

const ALGORITHM = 'HMAC_SHA_256';

/** Links and forms under a KMS key that never leaves KMS. While keys rotate, links of the former one work until they expire. */
export class KmsLinkSigner implements LinkSigner {
  readonly #client: KMSClient;
  readonly #signing: string;
  /** Fingerprint → key ARN. A link only chooses among these. */
  readonly #live: ReadonlyMap<string, string>;

  /** @param keyArns the key that signs, then those whose links still work */
  constructor(keyArns: readonly [string, ...string[]], client: KMSClient = new KMSClient({})) {
    this.#client = client;
    this.#signing = keyArns[0];
    this.#live = new Map(keyArns.map((arn) => [fingerprint(arn), arn]));
  }

  async sign(link: Omit<ApprovalLink, 'keyId'>): Promise<string> {
    const signed: ApprovalLink = { ...link, keyId: fingerprint(this.#signing) };
    return encodeLink(signed, await this.#generate(this.#signing, linkMacInput(signed)));
  }

  async verify(text: string): Promise<ApprovalLink | undefined> {
    const decoded = decodeLink(text);
    const key = decoded && this.#live.get(decoded.link.keyId);
    if (!decoded || key === undefined) return undefined;
    return (await this.#isValid(key, linkMacInput(decoded.link), decoded.mac)) ? decoded.link : undefined;
  }

  async signForm(link: ApprovalLink, nonce: string): Promise<string> {
    return Buffer.from(await this.#generate(this.#signing, formMacInput(link, nonce))).toString('base64url');
  }

  async verifyForm(link: ApprovalLink, nonce: string, token: string): Promise<boolean> {
    if (!/^[\w-]{43}$/.test(token)) return false;
    return this.#isValid(this.#signing, formMacInput(link, nonce), Buffer.from(token, 'base64url'));
  }

  async #generate(key: string, message: Uint8Array): Promise<Uint8Array> {
    const { Mac } = await this.#client.send(
      new GenerateMacCommand({ KeyId: key, Message: message, MacAlgorithm: ALGORITHM }),
    );
    if (!Mac) throw new Error('expected KMS to return a MAC, got none');
    return Mac;
  }

  async #isValid(key: string, message: Uint8Array, mac: Uint8Array): Promise<boolean> {
    try {
      const answer = await this.#client.send(
        new VerifyMacCommand({ KeyId: key, Message: message, Mac: mac, MacAlgorithm: ALGORITHM }),
      );
      return answer.MacValid === true;
    } catch (error) {
      // KMS says "no" by throwing; only that is an answer.
      if (error instanceof KMSInvalidMacException) return false;
      throw error;
    }
  }
}

/** Names a key in a link without telling the account. */
const fingerprint = (keyArn: string): string => createHash('sha256').update(keyArn).digest('hex').slice(0, 12);
