import type { Cloud, Operation } from '../../service.ts';
import { checkNamespace, checkTargetId, needsTarget, page, type ScalableTargets } from './scalable-target.ts';
import type { ScalingPolicies, ScalingPolicy } from './scaling-policy.ts';

const ID = ['ServiceNamespace', 'ResourceId', 'ScalableDimension'];

/** PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy. */
export const policyOperations = (
  cloud: Cloud,
  targets: ScalableTargets,
  policies: ScalingPolicies,
): Record<string, Operation> => ({
  PutScalingPolicy: {
    members: [...ID, 'PolicyName', 'PolicyType', 'TargetTrackingScalingPolicyConfiguration'],
    needs: ({ input }) => [needsTarget(cloud, 'PutScalingPolicy', input)],
    run: async ({ input }) => {
      checkTargetId('PutScalingPolicy', input);
      targets.require(input);
      return { PolicyARN: policies.put(input).arn, Alarms: [] };
    },
  },
  DescribeScalingPolicies: {
    members: [...ID, 'PolicyNames', 'MaxResults', 'NextToken'],
    needs: () => [{ action: 'application-autoscaling:DescribeScalingPolicies', resource: '*' }],
    run: async ({ input }) => {
      checkNamespace('DescribeScalingPolicies', input.ServiceNamespace);
      const found = policies
        .all()
        .filter((policy) => [undefined, policy.ResourceId].includes(input.ResourceId))
        .filter((policy) => [undefined, policy.ScalableDimension].includes(input.ScalableDimension))
        .filter(({ name }) => input.PolicyNames === undefined || input.PolicyNames.includes(name));
      const { items, ...rest } = page(found, input);
      return { ScalingPolicies: items.map(described), ...rest };
    },
  },
  DeleteScalingPolicy: {
    members: [...ID, 'PolicyName'],
    needs: ({ input }) => [needsTarget(cloud, 'DeleteScalingPolicy', input)],
    run: async ({ input }) => {
      policies.delete(input, input.PolicyName);
      return {};
    },
  },
});

const described = (policy: ScalingPolicy) => ({
  PolicyARN: policy.arn,
  PolicyName: policy.name,
  ServiceNamespace: policy.ServiceNamespace,
  ResourceId: policy.ResourceId,
  ScalableDimension: policy.ScalableDimension,
  PolicyType: policy.type,
  TargetTrackingScalingPolicyConfiguration: policy.configuration,
  Alarms: [],
  CreationTime: new Date(policy.createdAt),
});
