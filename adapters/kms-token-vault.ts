import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { TokenVault } from '../domain/approval/ports.ts';

/** Task tokens under KMS. The encryption context is the request's id, so a row's token cannot be moved to another request. */
export class KmsTokenVault implements TokenVault {
  readonly #client: KMSClient;
  readonly #keyArn: string;

  constructor(keyArn: string, client: KMSClient = new KMSClient({})) {
    this.#client = client;
    this.#keyArn = keyArn;
  }

  async seal(requestId: string, token: string): Promise<string> {
    const { CiphertextBlob } = await this.#client.send(
      new EncryptCommand({
        KeyId: this.#keyArn,
        Plaintext: new TextEncoder().encode(token),
        EncryptionContext: { requestId },
      }),
    );
    if (!CiphertextBlob) throw new Error('expected KMS to return a ciphertext, got none');
    return Buffer.from(CiphertextBlob).toString('base64');
  }

  async open(requestId: string, sealedToken: string): Promise<string> {
    const { Plaintext } = await this.#client.send(
      new DecryptCommand({
        KeyId: this.#keyArn,
        CiphertextBlob: Buffer.from(sealedToken, 'base64'),
        EncryptionContext: { requestId },
      }),
    );
    if (!Plaintext) throw new Error('expected KMS to return a plaintext, got none');
    return new TextDecoder().decode(Plaintext);
  }
}
