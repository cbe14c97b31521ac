import { type BinaryLike, createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Connection } from './connection.ts';

/** SHA-256 and its HMAC as the signer wants them. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: BinaryLike) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data: BinaryLike): void {
    this.#hash.update(data);
  }

  reset(): void {
    throw new Error('expected a hash to be used once');
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

/** Sends a request to an API Gateway route with AWS_IAM, signed with the connection's own credentials. */
export async function signedFetch(
  { client, sfn }: Pick<Connection, 'client' | 'sfn'>,
  url: URL,
  { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
): Promise<Response> {
  const signer = new SignatureV4({
    service: 'execute-api',
    region: client.region,
    credentials: () => sfn.config.credentials(),
    sha256: Sha256 as never,
  });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body }),
  });
  return fetch(url, { method, headers, ...(body !== undefined && { body }) });
}
