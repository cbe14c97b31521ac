import { type Cloud, ServiceError } from '../../service.ts';

/** One statement of a function's resource policy, as AddPermission took it. */
export interface Permission {
  readonly sid: string;
  readonly action: string;
  /** `apigateway.amazonaws.com`, an account, or an ARN. */
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

/** What happens to asynchronous events; seconds. */
export interface InvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly onFailure?: string;
  readonly onSuccess?: string;
}

/** A function, as stored. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  /** Absolute. */
  readonly directory: string;
  /** `check-drift/index.handler`, relative to the directory. */
  readonly handler: string;
  readonly runtime: string;
  readonly role: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  readonly description: string;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly reservedConcurrency?: number;
  readonly deadLetterTarget?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Settings without an observable effect here, as CloudFormation wrote them. */
  readonly recorded: Readonly<Record<string, unknown>>;
  /** Changes with every change of the function. */
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  readonly codeSha256: string;
  readonly permissions: readonly Permission[];
  readonly invokeConfig: InvokeConfig;
}

export const DEFAULT_INVOKE_CONFIG: InvokeConfig = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

const FUNCTIONS = 'lambda.functions';

/** The functions of one cloud, in its store. */
export class Functions {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(name: string): string {
    return `arn:aws:lambda:${this.#cloud.region}:${this.#cloud.account}:function:${name}`;
  }

  find(name: string): FunctionRecord | undefined {
    return this.#cloud.store.get<FunctionRecord>(FUNCTIONS, name);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(name: string): FunctionRecord {
    const found = this.find(name);
    if (!found) throw new ServiceError('ResourceNotFoundException', `Function not found: ${this.arnOf(name)}`, 404);
    return found;
  }

  list(): FunctionRecord[] {
    return this.#cloud.store.list<FunctionRecord>(FUNCTIONS).map((entry) => entry.value);
  }

  put(record: FunctionRecord): void {
    this.#cloud.store.put(FUNCTIONS, record.name, record);
  }

  delete(name: string): void {
    this.#cloud.store.delete(FUNCTIONS, name);
  }
}

const REFERENCE =
  /^(?:arn:aws:lambda:[\w-]+:(\d{12}):function:|(\d{12}):function:|function:)?([\w-]{1,64})(?::(\$LATEST|[\w-]+))?$/;

/**
 * The function's name in a name, an ARN or a partial ARN.
 *
 * @throws {ServiceError} InvalidParameterValueException; ResourceNotFoundException for a version or an alias, of which there are none here
 */
export const nameFromReference = (reference: unknown): string => {
  const match = typeof reference === 'string' ? REFERENCE.exec(reference) : null;
  if (!match)
    throw new ServiceError('InvalidParameterValueException', `expected a function's name or ARN, got ${reference}`);
  checkQualifier(match[4], match[3]!);
  return match[3]!;
};

/** Only `$LATEST` exists: versions and aliases are refused at provisioning. */
export const checkQualifier = (qualifier: string | undefined, name: string): void => {
  if (qualifier !== undefined && qualifier !== '$LATEST') {
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${name}:${qualifier}`, 404);
  }
};
