import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { deployedResources } from '../provisioner/state.ts';
import { escapeXml } from './xml.ts';

/** The page at `/`: what is deployed, which services answer and what they can do. @returns the unmount */
export const mountIndexPage = (cloud: LocalCloud): (() => void) =>
  cloud.http.mount('/_launchway', ({ path }) =>
    path === '/_launchway' || path === '/_launchway/' ? indexPage(cloud) : { status: 404, body: 'not found\n' },
  );

function indexPage(cloud: LocalCloud): HttpResponse {
  const services = cloud.services.map(({ name, operations }) => [name, Object.keys(operations).join(', ')]);
  const resources = deployedResources(cloud.store).map(({ stack, resource }) => [
    stack,
    resource.logicalId,
    resource.type,
    resource.ref,
  ]);
  const body = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Launchway local cloud</title>
<style>${STYLE}</style>
<h1>Launchway local cloud</h1>
<p>Account ${escapeXml(cloud.account)}, region ${escapeXml(cloud.region)}; it is ${cloud.clock.date().toISOString()} on the local clock. <a href="/_launchway/inbox">Inbox</a></p>
<p><code>export AWS_ENDPOINT_URL=${escapeXml(cloud.url)} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${escapeXml(cloud.region)}</code></p>
<h2>Deployed</h2>
${resources.length > 0 ? table(['Stack', 'Resource', 'Type', 'Name'], resources) : '<p>Nothing yet.</p>'}
<h2>Services</h2>
${table(['Service', 'Operations'], services)}
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

const STYLE = `
  body { font: 16px/1.5 system-ui; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
  td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; overflow-wrap: anywhere }
`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row(heads, 'th')}${rows.map((cells) => row(cells, 'td')).join('\n')}</table>`;
};
