import type { Cloud } from '../../service.ts';

export interface Api {
  readonly id: string;
  readonly name: string;
}

export interface Stage {
  readonly apiId: string;
  /** `$default`, or the first segment of the path. */
  readonly name: string;
  readonly accessLog?: { readonly logGroupArn: string; readonly format: string };
  /** Throttling and detailed metrics: no observable effect here. */
  readonly recorded: Readonly<Record<string, unknown>>;
}

export interface Integration {
  readonly apiId: string;
  readonly id: string;
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
}

export interface Route {
  readonly apiId: string;
  readonly id: string;
  /** `GET /approvals/{requestId}`, `ANY /{proxy+}` or `$default`. */
  readonly key: string;
  readonly integrationId: string;
  readonly authorizerId?: string;
  readonly scopes: readonly string[];
  /** AWS_IAM: whoever calls has signed the request, and may `execute-api:Invoke` it. */
  readonly signed?: boolean;
}

/** Who may call: bearer tokens of one OpenID issuer. */
export interface JwtAuthorizer {
  readonly apiId: string;
  readonly id: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** `$request.header.Authorization` and the like. */
  readonly identitySource: string;
}

/** One kind of record in the store, keyed by API and own id. */
export class Records<T extends { readonly apiId: string }> {
  readonly #cloud: Cloud;
  readonly #space: string;

  constructor(cloud: Cloud, space: string) {
    this.#cloud = cloud;
    this.#space = space;
  }

  put(id: string, record: T): void {
    this.#cloud.store.put(this.#space, `${record.apiId}/${id}`, record);
  }

  get(apiId: string, id: string): T | undefined {
    return this.#cloud.store.get<T>(this.#space, `${apiId}/${id}`);
  }

  of(apiId: string): T[] {
    return this.#cloud.store.list<T>(this.#space, `${apiId}/`).map((entry) => entry.value);
  }

  delete(apiId: string, id: string): void {
    this.#cloud.store.delete(this.#space, `${apiId}/${id}`);
  }
}

/** The HTTP APIs of one cloud. */
export class Apis {
  readonly stages: Records<Stage>;
  readonly routes: Records<Route>;
  readonly integrations: Records<Integration>;
  readonly authorizers: Records<JwtAuthorizer>;
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.stages = new Records(cloud, 'apigateway.stages');
    this.routes = new Records(cloud, 'apigateway.routes');
    this.integrations = new Records(cloud, 'apigateway.integrations');
    this.authorizers = new Records(cloud, 'apigateway.authorizers');
  }

  endpointOf(id: string): string {
    return `${this.#cloud.url}/_api/${id}`;
  }

  find(id: string): Api | undefined {
    return this.#cloud.store.get<Api>('apigateway.apis', id);
  }

  put(api: Api): void {
    this.#cloud.store.put('apigateway.apis', api.id, api);
  }

  delete(id: string): void {
    this.#cloud.store.delete('apigateway.apis', id);
  }
}
