import { createHash } from 'node:crypto';
import type { Cloud, Need } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';

/** What names a scalable target. */
export interface TargetId {
  readonly ServiceNamespace: string;
  /** `endpoint/ENDPOINT/variant/VARIANT` */
  readonly ResourceId: string;
  readonly ScalableDimension: string;
}

/** A variant that may be scaled, as stored; times in milliseconds since the epoch. */
export interface ScalableTarget extends TargetId {
  readonly arn: string;
  readonly createdAt: number;
  readonly min: number;
  readonly max: number;
  readonly suspended: Readonly<Record<string, boolean>>;
}

const SPACE = 'application-autoscaling.targets';
const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);

/** Scalable targets by resource and dimension. */
export class ScalableTargets {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  find(id: TargetId): ScalableTarget | undefined {
    return this.#cloud.store.get<ScalableTarget>(SPACE, keyOf(id));
  }

  /** @throws {ServiceError} ObjectNotFoundException */
  require(id: TargetId): ScalableTarget {
    const target = this.find(id);
    if (target) return target;
    throw new ServiceError(
      'ObjectNotFoundException',
      `No scalable target registered for service namespace: ${id.ServiceNamespace}, resource ID: ${id.ResourceId}, scalable dimension: ${id.ScalableDimension}`,
    );
  }

  all(): ScalableTarget[] {
    return this.#cloud.store.list<ScalableTarget>(SPACE).map((entry) => entry.value);
  }

  put(target: ScalableTarget): void {
    this.#cloud.store.put(SPACE, keyOf(target), target);
  }

  delete(id: TargetId): void {
    this.#cloud.store.delete(SPACE, keyOf(id));
  }
}

export const keyOf = ({ ServiceNamespace, ResourceId, ScalableDimension }: TargetId): string =>
  `${ServiceNamespace}/${ResourceId}/${ScalableDimension}`;

/**
 * @throws {ServiceError} ValidationException
 * @throws {NotImplementedError} for what cannot be scaled here
 */
export function checkTargetId(operation: string, { ServiceNamespace, ResourceId, ScalableDimension }: TargetId): void {
  checkNamespace(operation, ServiceNamespace);
  if (ScalableDimension !== DIMENSION)
    throw new NotImplementedError(`application-autoscaling:${operation} ScalableDimension ${ScalableDimension}`);
  if (!/^endpoint\/[^/]+\/variant\/[^/]+$/.test(ResourceId ?? ''))
    throw invalid(`expected a ResourceId endpoint/NAME/variant/NAME, got ${ResourceId}`);
}

export function checkNamespace(operation: string, namespace: unknown): void {
  if (namespace === 'sagemaker') return;
  throw new NotImplementedError(`application-autoscaling:${operation} ServiceNamespace ${namespace}`);
}

export const targetArn = ({ region, account }: Cloud, id: TargetId): string =>
  `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${createHash('sha256').update(keyOf(id)).digest('hex').slice(0, 24)}`;

export const needsTarget = (cloud: Cloud, operation: string, id: TargetId): Need => ({
  action: `application-autoscaling:${operation}`,
  resource: targetArn(cloud, id),
  context: {
    ...(id.ServiceNamespace && { 'application-autoscaling:service-namespace': id.ServiceNamespace }),
    ...(id.ScalableDimension && { 'application-autoscaling:scalable-dimension': id.ScalableDimension }),
  },
});

/** The role that Application Auto Scaling acts with; its permissions are AWS's own. */
export const linkedRole = (cloud: Cloud): string =>
  `arn:aws:iam::${cloud.account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;

/** Cuts a page of at most 50. */
export function page<Item>(
  all: readonly Item[],
  { MaxResults: most = 50, NextToken: token = '0' }: { MaxResults?: number; NextToken?: string },
): { items: readonly Item[]; NextToken?: string } {
  if (!(most >= 1 && most <= 50)) throw invalid(`expected MaxResults from 1 to 50, got ${most}`);
  if (!/^\d+$/.test(token)) throw new ServiceError('InvalidNextTokenException', 'Invalid NextToken');
  const to = Number(token) + most;
  return { items: all.slice(Number(token), to), ...(to < all.length && { NextToken: String(to) }) };
}
