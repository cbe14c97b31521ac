import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import { AccessLog } from './access-log.ts';
import type { Apis, Integration, Stage } from './api.ts';
import { type IamCaller, iamCaller } from './iam-caller.ts';
import { type Claims, JwtVerifier, UnauthorizedError } from './jwt.ts';
import { matchRoute, type RouteMatch } from './match-route.ts';
import { eventOf, responseOf } from './payload.ts';

/** API Gateway's limit of a request's body, in bytes. */
const LARGEST_BODY = 10_485_760;

/** Answers what comes in under `/_api/{apiId}/`. */
export class ApiServer {
  readonly #cloud: Cloud;
  readonly #apis: Apis;
  readonly #log: AccessLog;
  readonly #verifier: JwtVerifier;

  constructor(cloud: Cloud, apis: Apis) {
    this.#cloud = cloud;
    this.#apis = apis;
    this.#log = new AccessLog(cloud);
    this.#verifier = new JwtVerifier(cloud.clock);
  }

  async serve(request: HttpRequest): Promise<HttpResponse> {
    const [, apiId, rest] = /^\/_api\/([^/]+)(\/.*)?$/.exec(request.path) ?? [];
    const path = decoded(rest ?? '/');
    if (path === undefined) return message(400, 'Bad Request');
    const stage = apiId === undefined ? undefined : this.#stageOf(apiId, path);
    if (!stage || !this.#apis.find(stage.apiId)) return message(404, 'Not Found');
    const requestId = randomUUID();
    const at = this.#cloud.clock.now();
    const inStage = stage.name === '$default' ? path : path.slice(stage.name.length + 1) || '/';
    const match = matchRoute(this.#apis.routes.of(stage.apiId), request.method, inStage);
    const response = match
      ? await this.#answer(request, { stage, match, path, requestId, at })
      : message(404, 'Not Found');
    if (stage.accessLog) {
      const { logGroupArn, format } = stage.accessLog;
      const routeKey = match?.route.key ?? '-';
      const { status, body } = response;
      const bytes = typeof body === 'string' || body instanceof Uint8Array ? Buffer.byteLength(body) : 0;
      this.#log.write(logGroupArn, format, request, {
        apiId: stage.apiId,
        stage: stage.name,
        requestId,
        routeKey,
        path,
        at,
        status,
        bytes,
      });
    }
    return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } };
  }

  /** A named stage is the path's first segment; `$default` takes the rest. */
  #stageOf(apiId: string, path: string): Stage | undefined {
    return this.#apis.stages.get(apiId, path.split('/')[1]!) ?? this.#apis.stages.get(apiId, '$default');
  }

  async #answer(request: HttpRequest, facts: Facts): Promise<HttpResponse> {
    const { stage, match } = facts;
    if (request.body.length > LARGEST_BODY) return message(413, 'Request Entity Too Large');
    const integration = this.#apis.integrations.get(stage.apiId, match.route.integrationId);
    if (!integration) return message(500, 'Internal Server Error');
    let claims: Claims | undefined;
    let caller: IamCaller | undefined;
    try {
      caller = match.route.signed ? iamCaller(this.#cloud, request, facts) : undefined;
      claims = await this.#claims(request, stage.apiId, match);
    } catch (error) {
      if (error instanceof UnauthorizedError)
        return message(error.status, error.status === 401 ? 'Unauthorized' : 'Forbidden');
      throw error;
    }
    const event = eventOf(request, {
      account: this.#cloud.account,
      ...facts,
      apiId: stage.apiId,
      stage: stage.name,
      claims,
      caller,
    });
    const answered = this.#invoke(integration, sourceArn(this.#cloud, stage, match, request.method), event);
    return this.#withTimeout(integration.timeoutMilliseconds, answered);
  }

  async #claims(request: HttpRequest, apiId: string, { route }: RouteMatch): Promise<Claims | undefined> {
    if (route.authorizerId === undefined) return undefined;
    const authorizer = this.#apis.authorizers.get(apiId, route.authorizerId);
    // A route whose authorizer is gone lets nobody in.
    if (!authorizer) throw new UnauthorizedError(401, `no authorizer ${route.authorizerId}`);
    return this.#verifier.verify(request, authorizer, route.scopes);
  }

  async #invoke(integration: Integration, sourceArn: string, event: object): Promise<HttpResponse> {
    try {
      const output = (await this.#cloud.call({
        service: 'lambda',
        operation: 'Invoke',
        principal: { kind: 'service', arn: 'apigateway.amazonaws.com', sourceArn },
        input: { FunctionName: integration.functionArn, Payload: Buffer.from(JSON.stringify(event)) },
      })) as { FunctionError?: string; Payload: Uint8Array };
      if (output.FunctionError) return message(500, 'Internal Server Error');
      return responseOf(JSON.parse(Buffer.from(output.Payload).toString())) ?? message(500, 'Internal Server Error');
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // What went wrong is nobody's business outside; a denial is in the cloud's own report.
      return error.status === 429 ? message(503, 'Service Unavailable') : message(500, 'Internal Server Error');
    }
  }

  #withTimeout(milliseconds: number, answered: Promise<HttpResponse>): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const timer = this.#cloud.clock.after(milliseconds, () => resolve(message(503, 'Service Unavailable')));
      answered.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

interface Facts {
  readonly stage: Stage;
  readonly match: RouteMatch;
  readonly path: string;
  readonly requestId: string;
  readonly at: number;
}

/** On whose behalf API Gateway calls: permissions name the route's own path, parameters in braces. */
const sourceArn = ({ region, account }: Cloud, stage: Stage, { route }: RouteMatch, method: string): string => {
  const route_ = route.key === '$default' ? '$default' : `${method}${route.key.slice(route.key.indexOf('/'))}`;
  return `arn:aws:execute-api:${region}:${account}:${stage.apiId}/${stage.name}/${route_}`;
};

const decoded = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};

const message = (status: number, text: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: text }),
});
