import type { LocalCloud } from '../cloud.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { bucketPage, bucketsPage, objectPage } from './buckets.ts';
import { endpointPage, endpointsPage } from './endpoints.ts';
import { executionPage } from './execution.ts';
import { functionPage, functionsPage } from './functions.ts';
import { markup } from './markup.ts';
import { overviewPage } from './overview.ts';
import { type Page, pageResponse, ROOT } from './page.ts';
import { queuePage, queuesPage } from './queues.ts';
import { mapRunPage, stateMachinePage, stateMachinesPage } from './state-machines.ts';
import { StatusChanges } from './status-changes.ts';
import { tablePage, tablesPage } from './tables.ts';
import { askAs, isMissing, NotFound, type View } from './view.ts';

type PageOf = (view: View) => Promise<Page>;

/** Per section, the page of all and the page of one. */
const SECTIONS: ReadonlyMap<string, { readonly all: PageOf; readonly one?: PageOf }> = new Map([
  ['', { all: overviewPage }],
  ['state-machines', { all: stateMachinesPage, one: stateMachinePage }],
  ['executions', { all: executionPage }],
  ['map-runs', { all: mapRunPage }],
  ['functions', { all: functionsPage, one: functionPage }],
  ['endpoints', { all: endpointsPage, one: endpointPage }],
  ['buckets', { all: bucketsPage, one: bucketPage }],
  ['objects', { all: objectPage }],
  ['tables', { all: tablesPage, one: tablePage }],
  ['queues', { all: queuesPage, one: queuePage }],
]);

/**
 * `/_launchway` and below: what is in the cloud and what it does, as a person would see it. It reads and changes nothing.
 *
 * @returns the unmount
 */
export function mountConsole(cloud: LocalCloud): () => void {
  const changes = new StatusChanges();
  const deaf = changes.listen(cloud);
  const unmount = cloud.http.mount(ROOT, (request) => answer(cloud, changes, request));
  return () => {
    unmount();
    deaf();
  };
}

async function answer(cloud: LocalCloud, changes: StatusChanges, request: HttpRequest): Promise<HttpResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
  try {
    const [section = '', ...path] = partsOf(request.path);
    const pages = SECTIONS.get(section);
    const page = path.length === 0 ? pages?.all : path.length === 1 ? pages?.one : undefined;
    if (!page) throw new NotFound(`expected a page of the console, got ${request.path}`);
    return pageResponse(await page({ cloud, changes, path, query: request.query, ask: askAs(cloud) }));
  } catch (error) {
    if (!isMissing(error)) cloud.report(`console: ${request.path} failed: ${(error as Error).stack ?? error}`);
    return pageResponse(errorPage(error));
  }
}

/** @throws {NotFound} a path that is no percent-encoded UTF-8 */
function partsOf(path: string): string[] {
  try {
    const parts = path.slice(ROOT.length).split('/').slice(1).map(decodeURIComponent);
    return parts.at(-1) === '' ? parts.slice(0, -1) : parts;
  } catch {
    throw new NotFound(`expected a percent-encoded path, got ${path}`);
  }
}

function errorPage(error: unknown): Page {
  const message = error instanceof Error ? error.message : String(error);
  return isMissing(error)
    ? { title: 'Not found', status: 404, body: markup`<p>${message}</p>` }
    : { title: 'This page failed', status: 500, body: markup`<p>${message}</p>` };
}
