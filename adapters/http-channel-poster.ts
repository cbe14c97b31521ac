import type { ChannelPoster } from '../domain/notice/ports.ts';

const TIMEOUT_MS = 5_000;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Posts to webhooks. The address is a secret: no error names it, its host included, and what the other side answers is not read,
 * since it may repeat what it was sent.
 */
export class HttpChannelPoster implements ChannelPoster {
  readonly #fetch: typeof fetch;

  constructor(post: typeof fetch = fetch) {
    this.#fetch = post;
  }

  async post(url: string, message: object): Promise<void> {
    if (!isAddress(url)) throw new Error('expected the secret to be an https address, got something else');
    const response = await this.#send(url, message);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`expected the channel to take the message, got status ${response.status}`);
  }

  async #send(url: string, message: object): Promise<Response> {
    try {
      return await this.#fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        // Another address than the secret names is another channel.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      // The cause would name the host.
      throw new Error(`expected the channel to answer within 5 s, got ${(error as Error).name}`);
    }
  }
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
}
