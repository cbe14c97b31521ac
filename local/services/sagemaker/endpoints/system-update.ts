import type { HttpRequest, HttpResponse } from '../../../http.ts';
import { postedJson, refusal } from '../../../posted-json.ts';
import type { Cloud } from '../../../service.ts';
import type { Endpoint, EndpointRecords } from './endpoint.ts';

const PATH = '/_launchway/sagemaker/system-update';
const LONGEST_SECONDS = 86_400;

/**
 * SageMaker's own maintenance of an endpoint, which begins here on request: `POST` `{ endpoint, seconds }`.
 *
 * Meanwhile the endpoint is SystemUpdating: it answers, and can be neither updated nor deleted.
 */
export class SystemUpdates {
  readonly #cloud: Cloud;
  readonly #records: EndpointRecords;
  readonly #unmount: () => void;

  constructor(cloud: Cloud, records: EndpointRecords) {
    this.#cloud = cloud;
    this.#records = records;
    this.#unmount = cloud.http.mount(PATH, (request) => this.#answer(request));
  }

  resume(): void {
    for (const endpoint of this.#records.all()) this.#awaitEnd(endpoint);
  }

  stop(): void {
    this.#unmount();
  }

  #answer(request: HttpRequest): HttpResponse {
    const posted = postedJson(request);
    if ('refused' in posted) return posted.refused;
    const asked = systemUpdateIn(posted.value);
    if (!asked) return refusal(400, `expected { endpoint, seconds: 1–${LONGEST_SECONDS} }`);
    const endpoint = this.#records.find(asked.endpoint);
    if (endpoint?.status !== 'InService') {
      return refusal(409, `expected an endpoint in service, got ${endpoint?.status ?? 'none of that name'}`);
    }
    endpoint.status = 'SystemUpdating';
    endpoint.systemUpdateEndsAt = this.#cloud.clock.now() + asked.seconds * 1000;
    this.#records.save(endpoint);
    this.#awaitEnd(endpoint);
    return { status: 202, body: '' };
  }

  #awaitEnd({ name, systemUpdateEndsAt }: Endpoint): void {
    if (systemUpdateEndsAt === undefined) return;
    this.#cloud.clock.at(systemUpdateEndsAt, () => {
      this.#records.change(name, (endpoint) => {
        if (endpoint.status === 'SystemUpdating') endpoint.status = 'InService';
        endpoint.systemUpdateEndsAt = undefined;
      });
    });
  }
}

function systemUpdateIn(value: unknown): { endpoint: string; seconds: number } | undefined {
  const { endpoint, seconds } = (value ?? {}) as { endpoint?: unknown; seconds?: unknown };
  return typeof endpoint === 'string' && typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_SECONDS
    ? { endpoint, seconds }
    : undefined;
}
