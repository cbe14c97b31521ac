import type { LocalCloud } from './cloud.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

/** What was posted to the local channel. */
export interface ChannelPost {
  readonly at: string;
  readonly body: unknown;
}

/** Where notices of the local cloud may be posted: it keeps the last ones and shows them as JSON. */
export const CHANNEL_PATH = '/_launchway/channel';
const MOST_POSTS = 100;

/** @returns the unmount */
export function mountChannel(cloud: LocalCloud): () => void {
  return cloud.http.mount(CHANNEL_PATH, (request) => (request.method === 'POST' ? keep(cloud, request) : show(cloud)));
}

function keep(cloud: LocalCloud, { headers, body }: HttpRequest): HttpResponse {
  if (!/^application\/json\b/.test(headers.get('content-type') ?? '')) return { status: 415, body: 'expected JSON\n' };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return { status: 400, body: 'invalid_payload\n' };
  }
  const posts = [{ at: cloud.clock.date().toISOString(), body: value }, ...postsOf(cloud)];
  cloud.store.put('channel', 'posts', posts.slice(0, MOST_POSTS));
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
}

const postsOf = (cloud: LocalCloud): readonly ChannelPost[] =>
  cloud.store.get<readonly ChannelPost[]>('channel', 'posts') ?? [];

const show = (cloud: LocalCloud): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: `${JSON.stringify(postsOf(cloud), null, 2)}\n`,
});
