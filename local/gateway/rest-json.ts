import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { NotImplementedError, type Principal, type RestRoute } from '../service.ts';
import { toServiceError } from './failure.ts';
import { encodeJson, parseJson } from './json.ts';
import { jsonError } from './json-target.ts';
import { readBody, type WireRequest } from './wire.ts';

interface Match {
  readonly operation: string;
  readonly route: RestRoute;
  /** Decoded path segments by member. */
  readonly path: ReadonlyMap<string, string>;
}

/** REST-JSON services: the service's own routes say which operation a path is and where its members are. */
export async function answerRest(
  cloud: LocalCloud,
  request: WireRequest,
  service: string,
  principal: Principal,
): Promise<HttpResponse> {
  try {
    const routes = cloud.services.find((candidate) => candidate.name === service)?.routes ?? {};
    const match = findRoute(routes, request);
    if (!match) throw new NotImplementedError(`${service}:${request.method} ${request.path}`);
    const input = await inputOf(service, match, request);
    const output = (await cloud.call({ service, operation: match.operation, principal, input })) ?? {};
    return respond(match.route, output as Record<string, unknown>);
  } catch (error) {
    return jsonError(request, toServiceError(cloud, request, error));
  }
}

function findRoute(routes: Readonly<Record<string, RestRoute>>, { method, path }: WireRequest): Match | undefined {
  const matches = Object.entries(routes).flatMap(([operation, route]): Match[] => {
    if (route.method !== method) return [];
    const members = matchPath(route.path, path);
    return members ? [{ operation, route, path: members }] : [];
  });
  // A literal segment wins over a label: /functions/event-source-mappings is not a function's name.
  return matches.sort((a, b) => labelsIn(a.route.path) - labelsIn(b.route.path))[0];
}

const labelsIn = (template: string): number => template.split('{').length;

function matchPath(template: string, path: string): Map<string, string> | undefined {
  const names: string[] = [];
  const pattern = template
    .replace(/\/$/, '')
    .split(/(\{[^}]+\})/)
    .map((part) => {
      const label = /^\{([^}+]+)(\+?)\}$/.exec(part);
      if (!label) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(label[1]!);
      return label[2] ? '(.+)' : '([^/]+)';
    })
    .join('');
  const match = new RegExp(`^${pattern}/?$`).exec(path);
  return match ? new Map(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)])) : undefined;
}

async function inputOf(
  service: string,
  { operation, route, path }: Match,
  request: WireRequest,
): Promise<Record<string, unknown>> {
  const body = await readBody(request);
  const input: Record<string, unknown> = route.payload
    ? { [route.payload]: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
    : parseJson(body);
  for (const [member, value] of path) input[member] = value;
  for (const [parameter, member] of Object.entries(route.query ?? {})) {
    const values = request.query.getAll(parameter);
    if (values.length > 0) input[member] = values.length === 1 ? queryValue(member, values[0]!) : values;
  }
  const unknown = [...request.query.keys()].find(
    (name) => !Object.hasOwn(route.query ?? {}, name) && !name.startsWith('X-Amz-'),
  );
  if (unknown !== undefined) throw new NotImplementedError(`${service}:${operation} ?${unknown}`);
  for (const [header, member] of Object.entries(route.headers ?? {})) {
    const value = request.headers.get(header);
    if (value !== undefined) input[member] = value;
  }
  return input;
}

/** A query string has only text; page sizes are numbers in every API. */
const queryValue = (member: string, text: string): string | number =>
  /^(?:Max[A-Z]\w+|PageSize)$/.test(member) && /^\d+$/.test(text) ? Number(text) : text;

function respond(route: RestRoute, output: Record<string, unknown>): HttpResponse {
  const { headers: inHeaders, body: inBody } = splitOutput(route, output);
  const status =
    typeof output.StatusCode === 'number' && route.responsePayload ? output.StatusCode : (route.status ?? 200);
  if (route.responsePayload) {
    const payload = output[route.responsePayload];
    const headers = { ...inHeaders, 'content-type': inHeaders['content-type'] ?? 'application/octet-stream' };
    return { status, headers, ...(payload !== undefined && { body: payload as Uint8Array }) };
  }
  return {
    status,
    headers: { 'content-type': 'application/json', ...inHeaders },
    ...(status !== 204 && { body: encodeJson(inBody) }),
  };
}

function splitOutput(route: RestRoute, output: Record<string, unknown>) {
  const headers: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(output)) {
    const header = route.responseHeaders?.[member];
    if (value === undefined) continue;
    if (header) headers[header] = String(value);
    else body[member] = value;
  }
  return { headers, body };
}
