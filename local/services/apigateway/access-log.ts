import type { HttpRequest } from '../../http.ts';
import type { Cloud, Principal } from '../../service.ts';
import { requestTime } from './payload.ts';

export interface LoggedRequest {
  readonly apiId: string;
  readonly stage: string;
  readonly requestId: string;
  readonly routeKey: string;
  /** Without the query string: it may hold a signed link. */
  readonly path: string;
  readonly at: number;
  readonly status: number;
  readonly bytes: number;
}

/** Vended logs reach CloudWatch through this service. */
const DELIVERY: Omit<Principal, 'sourceArn'> = { kind: 'service', arn: 'delivery.logs.amazonaws.com' };

/** Writes a stage's access log lines: one stream per stage and day. */
export class AccessLog {
  readonly #cloud: Cloud;
  readonly #streams = new Set<string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Background work: a line that cannot be written is reported, and no request waits for it. */
  write(logGroupArn: string, format: string, request: HttpRequest, logged: LoggedRequest): void {
    const message = format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => variableOf(name, request, logged));
    void this.#cloud.track(this.#put(logGroupArn, logged, message));
  }

  async #put(logGroupArn: string, { stage, apiId, at }: LoggedRequest, message: string): Promise<void> {
    const logGroupName = logGroupArn.split(':')[6]!;
    const logStreamName = `${apiId}/${stage.replace('$', '')}/${new Date(at).toISOString().slice(0, 10)}`;
    const principal = {
      ...DELIVERY,
      sourceArn: `arn:aws:apigateway:${this.#cloud.region}::/apis/${apiId}/stages/${stage}`,
    };
    const call = (operation: string, input: object) =>
      this.#cloud.call({ service: 'logs', operation, principal, input: { logGroupName, logStreamName, ...input } });
    const key = `${logGroupName} ${logStreamName}`;
    if (!this.#streams.has(key)) {
      this.#streams.add(key);
      await call('CreateLogStream', {}).catch((error) => {
        if (error.code !== 'ResourceAlreadyExistsException') throw error;
      });
    }
    await call('PutLogEvents', { logEvents: [{ timestamp: at, message }] });
  }
}

const variableOf = (name: string, request: HttpRequest, logged: LoggedRequest): string => {
  switch (name) {
    case 'requestId':
    case 'extendedRequestId':
      return logged.requestId;
    case 'requestTime':
      return requestTime(logged.at);
    case 'requestTimeEpoch':
      return String(logged.at);
    case 'httpMethod':
      return request.method;
    case 'path':
      return escapeJson(logged.path);
    case 'routeKey':
      return escapeJson(logged.routeKey);
    case 'stage':
      return logged.stage;
    case 'apiId':
      return logged.apiId;
    case 'status':
      return String(logged.status);
    case 'responseLength':
      return String(logged.bytes);
    case 'protocol':
      return 'HTTP/1.1';
    case 'identity.sourceIp':
      return request.sourceIp;
    case 'identity.userAgent':
      return escapeJson(request.headers.get('user-agent') ?? '-');
    default:
      // API Gateway writes a dash for what a request does not have.
      return '-';
  }
};

/** Formats are JSON by custom, so a value may not break out of its quotes. */
const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1);
