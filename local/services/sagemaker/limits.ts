import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';

/** What instances are used for; each use of each type has its own quota. */
export type Use = 'training job' | 'spot training job' | 'transform job' | 'endpoint';

/** Instances in use now, by use and type. */
export type UsageCounter = (use: Use, instanceType: string) => number;

/** Stored quotas: space `sagemaker.quotas`, key `ml.m5.large for training job usage`, value a number of instances. */
export const QUOTA_SPACE = 'sagemaker.quotas';
/** Stored rates: space `sagemaker.rates`, key the operation, value calls per second. */
export const RATE_SPACE = 'sagemaker.rates';
/** Stored capacity: space `sagemaker.capacity`, key an instance type, value how many instances AWS has left; plenty if absent. */
export const CAPACITY_SPACE = 'sagemaker.capacity';

/** The FailureReason of a job that gets no instances. */
export const NO_JOB_CAPACITY =
  'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.';
/** The FailureReason of an endpoint that gets no instances. */
export const NO_ENDPOINT_CAPACITY =
  'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time.';

const DEFAULT_QUOTA = 20;
/** ListTrainingJobs is 2/s on AWS and cannot be raised; the others are wide enough for a laptop's speed. */
const DEFAULT_RATES: ReadonlyMap<string, number> = new Map([
  ['ListTrainingJobs', 2],
  ['CreateTrainingJob', 10],
  ['CreateHyperParameterTuningJob', 10],
  ['CreateTransformJob', 10],
  ['CreateEndpoint', 10],
  ['UpdateEndpoint', 10],
]);

/** Service quotas: instances per type and use. */
export class Quotas {
  readonly #cloud: Cloud;
  readonly #counters: UsageCounter[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Each family of operations says what it uses. */
  count(counter: UsageCounter): void {
    this.#counters.push(counter);
  }

  /** @throws {ServiceError} ResourceLimitExceeded where `more` instances do not fit */
  admit(use: Use, instanceType: string, more: number): void {
    const name = `${instanceType} for ${use} usage`;
    const quota = this.#cloud.store.get<number>(QUOTA_SPACE, name) ?? DEFAULT_QUOTA;
    const used = this.#counters.reduce((total, counter) => total + counter(use, instanceType), 0);
    if (used + more <= quota) return;
    throw new ServiceError(
      'ResourceLimitExceeded',
      `The account-level service limit '${name}' is ${quota} Instances, with current utilization of ${used} Instances and a request delta of ${more} Instances. Please use AWS Service Quotas to request an increase for this quota.`,
    );
  }
}

/** Whether AWS would have that many instances to give, quotas aside. */
export const hasCapacity = (cloud: Cloud, instanceType: string, count: number): boolean =>
  count <= (cloud.store.get<number>(CAPACITY_SPACE, instanceType) ?? Number.POSITIVE_INFINITY);

/** Token buckets per operation, filled by the clock; a burst of one second's worth. */
export class Throttle {
  readonly #cloud: Cloud;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** @throws {ServiceError} ThrottlingException */
  take(operation: string): void {
    const rate = this.#cloud.store.get<number>(RATE_SPACE, operation) ?? DEFAULT_RATES.get(operation);
    if (rate === undefined) return;
    const now = this.#cloud.clock.now();
    const bucket = this.#buckets.get(operation) ?? { tokens: rate, at: now };
    const tokens = Math.min(rate, bucket.tokens + ((now - bucket.at) / 1000) * rate);
    if (tokens < 1) {
      this.#buckets.set(operation, { tokens, at: now });
      throw new ServiceError('ThrottlingException', 'Rate exceeded');
    }
    this.#buckets.set(operation, { tokens: tokens - 1, at: now });
  }
}
