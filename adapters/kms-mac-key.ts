import { GenerateMacCommand, KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';
import type { MacKey } from '../domain/signed-text.ts';

const ALGORITHM = 'HMAC_SHA_256';

/** An HMAC key that never leaves KMS. */
export class KmsMacKey implements MacKey {
  readonly #client: KMSClient;
  readonly #keyArn: string;

  constructor(keyArn: string, client: KMSClient = new KMSClient({})) {
    this.#client = client;
    this.#keyArn = keyArn;
  }

  async generate(message: Uint8Array): Promise<Uint8Array> {
    const { Mac } = await this.#client.send(
      new GenerateMacCommand({ KeyId: this.#keyArn, Message: message, MacAlgorithm: ALGORITHM }),
    );
    if (!Mac) throw new Error('expected KMS to return a MAC, got none');
    return Mac;
  }

  async isValid(message: Uint8Array, mac: Uint8Array): Promise<boolean> {
    try {
      const answer = await this.#client.send(
        new VerifyMacCommand({ KeyId: this.#keyArn, Message: message, Mac: mac, MacAlgorithm: ALGORITHM }),
      );
      return answer.MacValid === true;
    } catch (error) {
      // KMS says "no" by throwing; only that is an answer.
      if (error instanceof KMSInvalidMacException) return false;
      throw error;
    }
  }
}
