import type { HttpRequest, HttpResponse } from './http.ts';

/**
 * The JSON that a control endpoint was posted.
 *
 * A web page cannot send `application/json` to another origin unasked, so nothing else is read.
 */
export function postedJson(request: HttpRequest): { readonly value: unknown } | { readonly refused: HttpResponse } {
  const isJson = /^application\/json\b/.test(request.headers.get('content-type') ?? '');
  if (request.method !== 'POST' || !isJson) return { refused: refusal(405, 'expected a POST of application/json') };
  try {
    return { value: JSON.parse(Buffer.from(request.body).toString('utf8')) as unknown };
  } catch {
    return { refused: refusal(400, 'expected a body of JSON') };
  }
}

export const refusal = (status: number, message: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify({ message })}\n`,
});
