import type { Readable } from 'node:stream';

/** A plain HTTP request, already read to its end. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded by nobody: as on the request line, without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | Readable;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse;

/**
 * Handlers of plain HTTP by path prefix: pages, control endpoints, HTTP API stages.
 *
 * What is mounted needs no AWS credentials, so it must decide for itself who may call.
 */
export class HttpMounts {
  readonly #handlers = new Map<string, HttpHandler>();

  /**
   * @param prefix starts with `/_`, which no bucket name does; `/_api/` takes everything below, `/_launchway/clock` that path alone and what is below it
   * @returns the unmount
   */
  mount(prefix: string, handler: HttpHandler): () => void {
    if (!prefix.startsWith('/_')) throw new Error(`expected a prefix that starts with /_, got ${prefix}`);
    this.#handlers.set(prefix, handler);
    return () => this.#handlers.delete(prefix);
  }

  /** The handler of the longest prefix that covers the path. */
  find(path: string): HttpHandler | undefined {
    const covering = [...this.#handlers.keys()].filter((prefix) => covers(prefix, path));
    return this.#handlers.get(covering.sort((a, b) => b.length - a.length)[0] ?? '');
  }
}

const covers = (prefix: string, path: string): boolean =>
  prefix.endsWith('/') ? path.startsWith(prefix) : path === prefix || path.startsWith(`${prefix}/`);
