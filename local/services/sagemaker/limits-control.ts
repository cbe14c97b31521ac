import type { HttpRequest, HttpResponse } from '../../http.ts';
import { postedJson, refusal } from '../../posted-json.ts';
import type { Cloud } from '../../service.ts';
import { CAPACITY_SPACE, QUOTA_SPACE, RATE_SPACE } from './limits.ts';
import { SPOT_SPACE } from './training/spot.ts';

const PATH = '/_launchway/sagemaker/limit';

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0;

/** Where each kind of limit is stored, and what it may be. */
const KINDS = new Map([
  ['quota', { space: QUOTA_SPACE, accepts: isCount }],
  ['rate', { space: RATE_SPACE, accepts: isPositive }],
  ['capacity', { space: CAPACITY_SPACE, accepts: isCount }],
  [
    'spot',
    { space: SPOT_SPACE, accepts: (value: unknown) => isPositive((value as { meanSeconds?: unknown }).meanSeconds) },
  ],
]);

/** Sets a limit of SageMaker's: `POST` `{ kind, name, value }`; null takes it away. */
export const mountLimitsControl = (cloud: Cloud): (() => void) =>
  cloud.http.mount(PATH, (request) => answer(cloud, request));

function answer(cloud: Cloud, request: HttpRequest): HttpResponse {
  const posted = postedJson(request);
  if ('refused' in posted) return posted.refused;
  const { kind, name, value } = (posted.value ?? {}) as { kind?: unknown; name?: unknown; value?: unknown };
  const limit = KINDS.get(String(kind));
  if (!limit || typeof name !== 'string' || value === undefined || (value !== null && !limit.accepts(value))) {
    return refusal(
      400,
      `expected { kind: ${[...KINDS.keys()].join(' | ')}, name, value }, see local/services/sagemaker/README.md`,
    );
  }
  if (value === null) cloud.store.delete(limit.space, name);
  else cloud.store.put(limit.space, name, value);
  return { status: 204, body: '' };
}
