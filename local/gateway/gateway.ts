import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mountChannel } from '../channel.ts';
import type { LocalCloud } from '../cloud.ts';
import { mountConsole } from '../console/console.ts';
import type { HttpResponse } from '../http.ts';
import { ServiceError } from '../service.ts';
import { mountControl } from './control.ts';
import { route } from './route.ts';
import { type WireRequest, wireRequest } from './wire.ts';

const DEFAULT_PORT = 4566;

export interface GatewayOptions {
  /** 0 takes any free port. @default 4566 */
  readonly port?: number;
}

export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Ends open connections; the cloud itself goes on. */
  close(): Promise<void>;
}

/** Requests come from this machine, under a name of this machine: a rebound DNS name is refused. */
const OWN_HOST = /^(?:[a-z0-9][a-z0-9.-]*\.)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Serves every service of the cloud on one port of 127.0.0.1 and sets `cloud.url`.
 *
 * Who calls is told by the access key id; signatures are not verified.
 *
 * @throws {Error} the port is taken
 */
export async function startGateway(cloud: LocalCloud, options: GatewayOptions = {}): Promise<Gateway> {
  const server = createServer((request, response) => void serve(cloud, request, response));
  // A long poll or a download may last; the local clock may jump.
  server.requestTimeout = 0;
  // Clients keep connections longer than Node's five seconds, and would find them cut as they send.
  server.keepAliveTimeout = 120_000;
  await listen(server, options.port ?? DEFAULT_PORT);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  cloud.url = url;
  const unmount = [mountControl(cloud), mountConsole(cloud), mountChannel(cloud)];
  return {
    url,
    port,
    close: async () => {
      for (const end of unmount) end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The port cannot be listened on. */
class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortTakenError(`expected port ${port} to be free, got one in use: choose another with --port`)
          : error.code === 'EACCES'
            ? new PortTakenError(`expected a port that this user may listen on, got ${port}: choose one above 1023`)
            : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

async function serve(cloud: LocalCloud, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const request = wireRequest(incoming, requestId);
  const answer = await answerTo(cloud, request);
  try {
    await send(cloud, request, answer, outgoing);
  } catch (error) {
    // A value that no header can hold, or a file that fails.
    cloud.report(`gateway: ${request.method} ${request.path}: ${(error as Error).message}`);
    outgoing.destroy();
  }
  // What was not read (a refused upload) would be taken for the next request.
  if (!incoming.readableEnded) incoming.resume();
}

async function answerTo(cloud: LocalCloud, request: WireRequest): Promise<HttpResponse> {
  if (!OWN_HOST.test(request.headers.get('host') ?? '')) return foreignHost(request);
  try {
    return await route(cloud, request);
  } catch (error) {
    if (error instanceof ServiceError) return { status: error.status, body: `${error.message}\n` };
    cloud.report(`gateway: ${request.method} ${request.path} failed: ${(error as Error).stack ?? error}`);
    return { status: 500, body: 'InternalFailure\n' };
  }
}

async function send(
  cloud: LocalCloud,
  request: WireRequest,
  answer: HttpResponse,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = answer.status;
  outgoing.setHeader('date', cloud.clock.date().toUTCString());
  outgoing.setHeader('x-amzn-requestid', request.requestId);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  const body = answer.body;
  if (!(body instanceof Readable)) {
    outgoing.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  if (request.method === 'HEAD') {
    body.destroy();
    outgoing.end();
    return;
  }
  try {
    await pipeline(body, outgoing);
  } catch (error) {
    // A reader that goes away is its own affair.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

const foreignHost = (request: WireRequest): HttpResponse => ({
  status: 403,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `expected the host 127.0.0.1 or localhost, got ${request.headers.get('host') ?? 'none'}\n`,
});
