import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import type { Principal, ServiceError } from '../service.ts';
import { toServiceError } from './failure.ts';
import { encodeJson, parseJson } from './json.ts';
import { queryErrorCode } from './query-error-code.ts';
import { readInput, type WireRequest } from './wire.ts';

/** AWS JSON 1.0 and 1.1: the operation is in x-amz-target, the input is the body. */
export async function answerJson(
  cloud: LocalCloud,
  request: WireRequest,
  service: string,
  principal: Principal,
): Promise<HttpResponse> {
  try {
    const operation = request.headers.get('x-amz-target')!.split('.').at(-1)!;
    const input = parseJson(await readInput(request));
    const output = await cloud.call({ service, operation, principal, input });
    return { status: 200, headers: headersOf(request), body: output === undefined ? '' : encodeJson(output) };
  } catch (error) {
    return jsonError(request, toServiceError(cloud, request, error));
  }
}

/** An error as every JSON protocol writes it: `__type` in the body, the same in x-amzn-errortype. */
export function jsonError(request: WireRequest, error: ServiceError): HttpResponse {
  const fault = error.status >= 500 ? 'Receiver' : 'Sender';
  return {
    status: error.status,
    headers: {
      ...headersOf(request),
      'x-amzn-errortype': error.code,
      ...(request.headers.has('x-amzn-query-mode') && {
        'x-amzn-query-error': `${queryErrorCode(error.code)};${fault}`,
      }),
    },
    body: encodeJson({ __type: error.code, message: error.message, Message: error.message, ...error.fields }),
  };
}

const headersOf = (request: WireRequest): Record<string, string> => ({
  'content-type': request.headers.get('content-type') ?? 'application/x-amz-json-1.0',
});
