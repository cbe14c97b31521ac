import type { Clock } from './clock.ts';
import type { HttpMounts } from './http.ts';
import type { Store } from './store.ts';

/** Who calls. Every call has one; there is no anonymous access. */
export interface Principal {
  /**
   * `arn:aws:iam::ACCOUNT:user/NAME` · `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` · a service principal such as
   * `s3.amazonaws.com`.
   */
  readonly arn: string;

  /** `user`: a person's access key, may do everything here; `role`: what its policies allow; `service`: what resource policies allow. */
  readonly kind: 'user' | 'role' | 'service';

  /** `arn:aws:iam::ACCOUNT:role/NAME`, for kind `role`. */
  readonly roleArn?: string;

  /** For kind `service`: the resource on whose behalf the service acts (`aws:SourceArn`). */
  readonly sourceArn?: string;
}

/** One API call, whichever way it came: over HTTP or from a state machine. */
export interface Call {
  /** The service's SigV4 scope: s3, dynamodb, states, lambda, sagemaker, sqs, sns, events, scheduler, ses, kms, monitoring, logs, sts, iam, apigateway, ecr. */
  readonly service: string;

  /** The API operation, as the SDK spells its command: `PutObject`. */
  readonly operation: string;

  readonly principal: Principal;

  /**
   * The operation's input with the API's own member names (`{ Bucket, Key, Body }`; Step Functions' own API in camelCase).
   * For JSON services it is the body as on the wire: blobs are base64 text, timestamps epoch seconds. Payload members (S3 `Body`,
   * Lambda `Payload`, InvokeEndpoint `Body`) are `Uint8Array`; S3's Body may be a `Readable`.
   */
  // biome-ignore lint/suspicious/noExplicitAny: an input's shape is the operation's own, checked there
  readonly input: any;
}

/** One permission an operation needs before it runs. */
export interface Need {
  /** `s3:PutObject` */
  readonly action: string;

  /** An ARN, or `*` for actions without a resource type. */
  readonly resource: string;

  /** Condition keys of this request beyond the global ones: `{ 's3:if-none-match': '*' }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** An implemented API operation. */
export interface Operation {
  /** Top-level input members that are implemented. Any other that is set answers 501 NotImplemented. */
  readonly members: readonly string[];

  /** Permissions to check before `run`. Empty only for what AWS lets every principal do. */
  needs(call: Call): readonly Need[];

  /** True where `run` waits for the clock (a long poll): such a call does not count as work under way. */
  readonly waits?: boolean;

  /** @returns the output with the API's member names; dates as `Date`, bytes as `Uint8Array` or `Readable` */
  run(call: Call): Promise<unknown>;
}

/** How a REST operation is written in HTTP; JSON-with-target and query services need none. */
export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD';
  /** `/2015-03-31/functions/{FunctionName}/invocations`; `{Name+}` takes slashes too. */
  readonly path: string;
  /** Query parameter → member. */
  readonly query?: Readonly<Record<string, string>>;
  /** Request header (lower case) → member. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The member that is the raw body; otherwise the body is JSON of the remaining members. */
  readonly payload?: string;
  /** Output member → response header. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Output member that becomes the raw body. */
  readonly responsePayload?: string;
  /** @default 200 */
  readonly status?: number;
}

/** What a template says of one resource. */
export interface ResourceRequest {
  readonly logicalId: string;
  readonly stackName: string;
  readonly type: string;
  /** Intrinsics already resolved. */
  // biome-ignore lint/suspicious/noExplicitAny: a resource's properties are its type's own, checked by its handler
  readonly properties: any;
}

export interface ProvisionedResource {
  /** What `Ref` returns. */
  readonly ref: string;
  /** What `Fn::GetAtt` returns, by attribute; nested ones with a dot. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Creates, updates and deletes one CloudFormation resource type. */
export interface ResourceHandler {
  /** Top-level properties that are implemented; any other fails the deployment with NotImplemented. */
  readonly properties: readonly string[];
  create(request: ResourceRequest): Promise<ProvisionedResource>;
  /** Called only where properties changed; may return another ref, which counts as a replacement. */
  update(request: ResourceRequest, current: ProvisionedResource): Promise<ProvisionedResource>;
  delete(request: ResourceRequest, current: ProvisionedResource): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: policies are JSON from outside; iam/ checks what it reads
export type PolicyDocument = any;

/** One AWS service, as far as it is implemented. */
export interface Service {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;

  /** HTTP routes by operation, for REST-JSON services (lambda, scheduler, ses, sagemaker runtime). */
  readonly routes?: Readonly<Record<string, RestRoute>>;

  /** Resource types by CloudFormation name: `AWS::S3::Bucket`. */
  readonly resources?: Readonly<Record<string, ResourceHandler>>;

  /** The policy attached to a resource itself (bucket, queue, topic, key, function), for IAM's decision. */
  resourcePolicy?(arn: string): PolicyDocument | undefined;

  /** After a restart, when every service is registered: re-arm timers and continue what was under way. */
  resume?(): Promise<void>;

  /** Ends child processes and closes files; no durable state changes. */
  stop?(): Promise<void>;
}

/** An event as EventBridge delivers it. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: each event's detail is its source's own
  readonly detail: any;
}

/** Everything a service may use of the cloud around it. */
export interface Cloud {
  readonly account: string;
  readonly region: string;
  /** `http://127.0.0.1:PORT`, known once the gateway listens. */
  readonly url: string;
  /** Absolute; each service keeps files in a folder of its own name. */
  readonly stateDir: string;
  readonly clock: Clock;
  readonly store: Store;
  /** Plain HTTP beside the AWS APIs: `cloud.http.mount('/_api/', handler)`. */
  readonly http: HttpMounts;

  /** The one seam: checks members, then IAM, then runs. Throws ServiceError. */
  call(call: Call): Promise<unknown>;

  /**
   * Checks permissions that AWS needs beside those of a call itself, such as the managed rule of a `.sync` task.
   *
   * @throws {ServiceError} AccessDenied
   */
  authorize(principal: Principal, needs: readonly Need[]): void;

  /** The same without a refusal: for what an answer tells only those who may know. */
  allows(principal: Principal, need: Need): boolean;

  /**
   * Who an access key is.
   *
   * @throws {ServiceError} InvalidClientTokenId
   */
  principalOf(accessKeyId: string): Principal;

  /** The principal of a role that a service has assumed, after checking that the role trusts `service` (`lambda.amazonaws.com`). */
  assume(roleArn: string, session: string, service: string, sourceArn?: string): Promise<Principal>;

  /** Access key of an assumed role, for a child process's environment. */
  credentialsFor(principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string };

  /** Publishes an AWS service event (SageMaker job state, …) to EventBridge rules and to in-process listeners. */
  publish(event: Pick<CloudEvent, 'source' | 'detail-type' | 'resources' | 'detail'>): void;

  /** In-process listeners for service events; returns the unsubscribe. */
  onEvent(listener: (event: CloudEvent) => void): () => void;

  /** Marks work as under way until the promise settles, so that the clock waits for it before it jumps. Failures are reported, not swallowed. */
  track<T>(work: Promise<T>): Promise<T>;
}

/** An error an AWS API answers: `code` becomes the SDK exception's name. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** Extra members of the error body, e.g. `{ CancellationReasons }`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** The loud answer for whatever is missing: an operation, a member, a property, a value. */
export class NotImplementedError extends ServiceError {
  /** @param what `s3:PutObject StorageClass` — service, operation, member */
  constructor(what: string) {
    super('NotImplemented', `NotImplemented: ${what}`, 501);
  }
}

/** Something was cut short because the local cloud stops. Nothing is lost: the next start goes on with it. */
export class StoppingError extends Error {
  override readonly name = 'StoppingError';

  constructor() {
    super('the local cloud is stopping');
  }
}
