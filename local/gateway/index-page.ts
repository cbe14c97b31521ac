import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { escapeXml } from './xml.ts';

/** The page at `/`: which services answer and what they can do. @returns the unmount */
export const mountIndexPage = (cloud: LocalCloud): (() => void) =>
  cloud.http.mount('/_launchway', ({ path }) =>
    path === '/_launchway' || path === '/_launchway/' ? indexPage(cloud) : { status: 404, body: 'not found\n' },
  );

function indexPage(cloud: LocalCloud): HttpResponse {
  const rows = cloud.services.map(({ name, operations, resources }) => {
    const cells = [name, Object.keys(operations).join(', '), Object.keys(resources ?? {}).join(', ')];
    return `<tr>${cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}</tr>`;
  });
  const body = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Launchway local cloud</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}</style>
<h1>Launchway local cloud</h1>
<p>Account ${escapeXml(cloud.account)}, region ${escapeXml(cloud.region)}, ${cloud.clock.date().toISOString()} on the local clock. <a href="/_launchway/inbox">Inbox</a></p>
<p><code>export AWS_ENDPOINT_URL=${escapeXml(cloud.url)} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${escapeXml(cloud.region)}</code></p>
<table><tr><th>Service</th><th>Operations</th><th>Resource types</th></tr>${rows.join('\n')}</table>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    },
    body,
  };
}
