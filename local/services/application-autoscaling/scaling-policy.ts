import { randomUUID } from 'node:crypto';
import type { Cloud } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';
import { invalid, keyOf, type TargetId } from './scalable-target.ts';

/** A policy as stored; time in milliseconds since the epoch. */
export interface ScalingPolicy extends TargetId {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly configuration: TargetTracking;
  readonly createdAt: number;
}

interface TargetTracking {
  readonly TargetValue?: number;
  readonly PredefinedMetricSpecification?: { readonly PredefinedMetricType?: string };
  readonly CustomizedMetricSpecification?: object;
}

const SPACE = 'application-autoscaling.policies';
const PREDEFINED = [
  'SageMakerVariantInvocationsPerInstance',
  'SageMakerVariantConcurrentRequestsPerModelHighResolution',
];

/** Policies by target and name. */
export class ScalingPolicies {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  all(): ScalingPolicy[] {
    return this.#cloud.store.list<ScalingPolicy>(SPACE).map((entry) => entry.value);
  }

  /** Stores what PutScalingPolicy says; a policy of that name keeps its ARN. */
  put(
    input: TargetId & {
      PolicyName: string;
      PolicyType?: string;
      TargetTrackingScalingPolicyConfiguration?: TargetTracking;
    },
  ): ScalingPolicy {
    const configuration = trackingIn(input);
    const { ServiceNamespace, ResourceId, ScalableDimension, PolicyName: name } = input;
    if (!name || name.length > 256) throw invalid(`expected a PolicyName of 1 to 256 characters, got ${name}`);
    const { region, account } = this.#cloud;
    const before = this.#find(input, name);
    const policy: ScalingPolicy = {
      ServiceNamespace,
      ResourceId,
      ScalableDimension,
      name,
      type: 'TargetTrackingScaling',
      configuration,
      arn:
        before?.arn ??
        `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${randomUUID()}:resource/${ServiceNamespace}/${ResourceId}:policyName/${name}`,
      createdAt: before?.createdAt ?? this.#cloud.clock.now(),
    };
    this.#cloud.store.put(SPACE, policyKey(input, name), policy);
    return policy;
  }

  /** @throws {ServiceError} ObjectNotFoundException */
  delete(id: TargetId, name: string): void {
    if (!this.#find(id, name)) {
      throw new ServiceError(
        'ObjectNotFoundException',
        `No scaling policy found for service namespace: ${id.ServiceNamespace}, resource ID: ${id.ResourceId}, scalable dimension: ${id.ScalableDimension}, policy name: ${name}`,
      );
    }
    this.#cloud.store.delete(SPACE, policyKey(id, name));
  }

  deleteOf(id: TargetId): void {
    for (const policy of this.all()) if (keyOf(policy) === keyOf(id)) this.delete(id, policy.name);
  }

  #find(id: TargetId, name: string): ScalingPolicy | undefined {
    return this.#cloud.store.get<ScalingPolicy>(SPACE, policyKey(id, name));
  }
}

const policyKey = (id: TargetId, name: string): string => `${keyOf(id)}/${name}`;

/** Step scaling is AWS's default type for SageMaker, so one must be asked for. */
function trackingIn(input: { PolicyType?: string; TargetTrackingScalingPolicyConfiguration?: TargetTracking }) {
  const { PolicyType: type = 'StepScaling', TargetTrackingScalingPolicyConfiguration: tracking } = input;
  if (type !== 'TargetTrackingScaling')
    throw new NotImplementedError(`application-autoscaling:PutScalingPolicy PolicyType ${type}`);
  if (!(Number(tracking?.TargetValue) > 0)) throw invalid(`expected a TargetValue > 0, got ${tracking?.TargetValue}`);
  const predefined = tracking!.PredefinedMetricSpecification?.PredefinedMetricType;
  if ((predefined === undefined) === (tracking!.CustomizedMetricSpecification === undefined))
    throw invalid('expected either PredefinedMetricSpecification or CustomizedMetricSpecification');
  if (predefined !== undefined && !PREDEFINED.includes(predefined))
    throw invalid(`expected a predefined metric of variants (${PREDEFINED.join(', ')}), got ${predefined}`);
  return tracking!;
}
