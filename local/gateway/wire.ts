import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { ServiceError } from '../service.ts';

/** A request as it arrives: the body is not read yet. */
export interface WireRequest {
  readonly requestId: string;
  readonly method: string;
  /** As on the request line, still percent-encoded, without the query string; dots are not resolved, since S3 keys may have them. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly sourceIp: string;
  readonly stream: Readable;
}

/** More than any JSON API here takes (SageMaker invocations: 25 MB); S3 bodies are streamed. */
const MOST_BYTES = 32 * 1024 * 1024;

export function wireRequest(incoming: IncomingMessage, requestId: string): WireRequest {
  const [path = '/', query = ''] = split(incoming.url ?? '/');
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return {
    requestId,
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    stream: incoming,
  };
}

/** @throws {ServiceError} RequestEntityTooLarge above 32 MiB */
export async function readBody(request: WireRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES)
      throw new ServiceError('RequestEntityTooLarge', `expected at most ${MOST_BYTES} bytes`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The body as it was before its sender compressed it, as SDKs do with more than 10 KB of metrics.
 *
 * @throws {ServiceError} RequestEntityTooLarge, SerializationException
 */
export async function readInput(request: WireRequest): Promise<Buffer> {
  const body = await readBody(request);
  const encoding = request.headers.get('content-encoding');
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new ServiceError('SerializationException', `expected gzip, got ${encoding}`);
  try {
    return gunzipSync(body, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw new ServiceError('SerializationException', `expected gzip, got ${(error as Error).message}`);
  }
}

function split(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
