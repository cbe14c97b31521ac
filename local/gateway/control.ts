import type { LocalCloud } from '../cloud.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts';
import { outputsOf } from '../provisioner/index.ts';

/** Ten years: more is a mistake in the unit. */
const FARTHEST = 10 * 366 * 86_400_000;

/**
 * `/_launchway/…`: what the local cloud itself is asked, by its own CLI and by tests.
 *
 * Browsers cannot post JSON across origins unasked, and a foreign Host never gets here, so no web page can move the clock.
 *
 * @returns the unmount
 */
export function mountControl(cloud: LocalCloud): () => void {
  const unmounts = [
    cloud.http.mount(
      '/_launchway/health',
      only('GET', () => json(200, { status: 'ok', services: cloud.services.map(({ name }) => name) })),
    ),
    cloud.http.mount(
      '/_launchway/clock',
      only('GET', () => json(200, clockOf(cloud))),
    ),
    cloud.http.mount(
      '/_launchway/advance',
      only('POST', (request) => advance(cloud, request)),
    ),
    cloud.http.mount(
      '/_launchway/pause',
      only('POST', () => {
        cloud.clock.pause();
        return json(200, clockOf(cloud));
      }),
    ),
    cloud.http.mount(
      '/_launchway/resume',
      only('POST', () => {
        cloud.clock.resume();
        return json(200, clockOf(cloud));
      }),
    ),
    cloud.http.mount(
      '/_launchway/permissions',
      only('GET', async () => json(200, await cloud.iam.usage())),
    ),
    cloud.http.mount(
      '/_launchway/denials',
      only('GET', () => json(200, cloud.iam.denials)),
    ),
    cloud.http.mount(
      '/_launchway/outputs',
      only('GET', () => json(200, outputsOf(cloud.store))),
    ),
  ];
  return () => {
    for (const unmount of unmounts) unmount();
  };
}

const only =
  (method: string, handler: HttpHandler): HttpHandler =>
  (request) => {
    if (request.method !== method)
      return { ...json(405, { message: `expected ${method}, got ${request.method}` }), headers: { allow: method } };
    if (method === 'POST' && !/^application\/json\b/.test(request.headers.get('content-type') ?? '')) {
      return json(415, {
        message: `expected content-type application/json, got ${request.headers.get('content-type') ?? 'none'}`,
      });
    }
    return handler(request);
  };

async function advance(cloud: LocalCloud, request: HttpRequest): Promise<HttpResponse> {
  const milliseconds = millisecondsIn(request.body);
  if (milliseconds === undefined) return json(400, { message: `expected { milliseconds: 0–${FARTHEST} }` });
  try {
    const { fired } = await cloud.clock.advance(milliseconds);
    return json(200, { fired, ...clockOf(cloud) });
  } catch (error) {
    return json(409, { message: (error as Error).message });
  }
}

function millisecondsIn(body: Uint8Array): number | undefined {
  try {
    const { milliseconds } = JSON.parse(Buffer.from(body).toString('utf8')) as { milliseconds?: unknown };
    return typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds <= FARTHEST ? milliseconds : undefined;
  } catch {
    return undefined;
  }
}

const clockOf = ({ clock }: LocalCloud) => ({
  now: clock.date().toISOString(),
  offsetMilliseconds: clock.offset,
  paused: clock.paused,
  nextDue: clock.nextDue === undefined ? null : new Date(clock.nextDue).toISOString(),
});

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: `${JSON.stringify(body)}\n`,
});
