import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { NotImplementedError, type Principal, type ServiceError } from '../service.ts';
import { toServiceError } from './failure.ts';
import { queryErrorCode } from './query-error-code.ts';
import { inputFromForm } from './query-input.ts';
import { outputToXml } from './query-output.ts';
import { readInput, type WireRequest } from './wire.ts';
import { element } from './xml.ts';

/** XML namespaces by service; a service that is not listed does not speak this protocol here. */
const NAMESPACES = new Map([
  ['sns', 'http://sns.amazonaws.com/doc/2010-03-31/'],
  ['sts', 'https://sts.amazonaws.com/doc/2011-06-15/'],
  ['sqs', 'http://queue.amazonaws.com/doc/2012-11-05/'],
  ['monitoring', 'http://monitoring.amazonaws.com/doc/2010-08-01/'],
]);

/** AWS Query: a form in, XML out. SNS and STS speak nothing else; SQS and CloudWatch in clients before 2024. */
export async function answerQuery(
  cloud: LocalCloud,
  request: WireRequest,
  service: string,
  principal: Principal,
): Promise<HttpResponse> {
  const namespace = NAMESPACES.get(service) ?? '';
  try {
    if (!namespace) throw new NotImplementedError(`${service}:query protocol`);
    const form = new URLSearchParams((await readInput(request)).toString('utf8'));
    const operation = form.get('Action') ?? '';
    const input = inputFromForm(service, form);
    const output = (await cloud.call({ service, operation, principal, input })) ?? {};
    const result = element(`${operation}Result`, outputToXml(service, operation, output as Record<string, unknown>));
    const metadata = element('ResponseMetadata', element('RequestId', [request.requestId]));
    return xml(200, `<${operation}Response xmlns="${namespace}">${result}${metadata}</${operation}Response>`);
  } catch (error) {
    return queryError(request, service, toServiceError(cloud, request, error));
  }
}

export function queryError(request: WireRequest, service: string, error: ServiceError): HttpResponse {
  const namespace = NAMESPACES.get(service) ?? '';
  // The SDKs know SNS's and CloudWatch's exceptions by the shape's name and by the wire's code; ours carry the shape's name.
  const code = queryErrorCode(error.code);
  const type = element('Type', [error.status >= 500 ? 'Receiver' : 'Sender']);
  const body = element('Error', `${type}${element('Code', [code])}${element('Message', [error.message])}`);
  const requestId = element('RequestId', [request.requestId]);
  return xml(error.status, `<ErrorResponse xmlns="${namespace}">${body}${requestId}</ErrorResponse>`);
}

const xml = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0"?>\n${body}`,
});
