import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReader } from '../domain/notice/ports.ts';

/** Text secrets, read each time: whoever changes one need not deploy. */
export class SecretsManagerReader implements SecretReader {
  readonly #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient = new SecretsManagerClient({})) {
    this.#client = client;
  }

  async read(name: string): Promise<string> {
    const { SecretString } = await this.#client.send(new GetSecretValueCommand({ SecretId: name }));
    if (!SecretString) throw new Error(`expected the secret ${name} to hold text, got none`);
    return SecretString.trim();
  }
}
