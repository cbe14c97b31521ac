import type { Cloud, Operation } from '../../service.ts';
import { bringWithin } from './capacity.ts';
import {
  checkNamespace,
  checkTargetId,
  invalid,
  linkedRole,
  needsTarget,
  page,
  type ScalableTarget,
  type ScalableTargets,
  targetArn,
} from './scalable-target.ts';
import type { ScalingPolicies } from './scaling-policy.ts';

const ID = ['ServiceNamespace', 'ResourceId', 'ScalableDimension'];

/** RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget. */
export const targetOperations = (
  cloud: Cloud,
  targets: ScalableTargets,
  policies: ScalingPolicies,
): Record<string, Operation> => ({
  RegisterScalableTarget: {
    members: [...ID, 'MinCapacity', 'MaxCapacity', 'RoleARN', 'SuspendedState'],
    needs: ({ input }) => [needsTarget(cloud, 'RegisterScalableTarget', input)],
    run: async ({ input }) => {
      checkTargetId('RegisterScalableTarget', input);
      const target = registered(cloud, targets.find(input), input);
      await bringWithin(cloud, target);
      targets.put(target);
      return { ScalableTargetARN: target.arn };
    },
  },
  DescribeScalableTargets: {
    members: ['ServiceNamespace', 'ResourceIds', 'ScalableDimension', 'MaxResults', 'NextToken'],
    needs: () => [{ action: 'application-autoscaling:DescribeScalableTargets', resource: '*' }],
    run: async ({ input }) => {
      checkNamespace('DescribeScalableTargets', input.ServiceNamespace);
      const found = targets
        .all()
        .filter(({ ResourceId }) => input.ResourceIds === undefined || input.ResourceIds.includes(ResourceId))
        .filter((target) => [undefined, target.ScalableDimension].includes(input.ScalableDimension));
      const { items, ...rest } = page(found, input);
      return { ScalableTargets: items.map((target) => described(cloud, target)), ...rest };
    },
  },
  DeregisterScalableTarget: {
    members: ID,
    needs: ({ input }) => [needsTarget(cloud, 'DeregisterScalableTarget', input)],
    run: async ({ input }) => {
      targets.require(input);
      cloud.store.transaction(() => {
        targets.delete(input);
        policies.deleteOf(input);
      });
      return {};
    },
  },
});

/** What is not said again stays as it was. */
// biome-ignore lint/suspicious/noExplicitAny: the operation's own input, checked here
function registered(cloud: Cloud, before: ScalableTarget | undefined, input: any): ScalableTarget {
  const min = input.MinCapacity ?? before?.min;
  const max = input.MaxCapacity ?? before?.max;
  if (min === undefined || max === undefined)
    throw invalid('Both MinCapacity and MaxCapacity must be specified when registering a new scalable target');
  if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 1 && min <= max))
    throw invalid(`expected 1 <= MinCapacity <= MaxCapacity, got ${min} and ${max}`);
  const { ServiceNamespace, ResourceId, ScalableDimension } = input;
  const id = { ServiceNamespace, ResourceId, ScalableDimension };
  return {
    ...id,
    arn: targetArn(cloud, id),
    createdAt: before?.createdAt ?? cloud.clock.now(),
    min,
    max,
    suspended: { ...before?.suspended, ...input.SuspendedState },
  };
}

const described = (cloud: Cloud, target: ScalableTarget) => ({
  ServiceNamespace: target.ServiceNamespace,
  ResourceId: target.ResourceId,
  ScalableDimension: target.ScalableDimension,
  MinCapacity: target.min,
  MaxCapacity: target.max,
  RoleARN: linkedRole(cloud),
  CreationTime: new Date(target.createdAt),
  ScalableTargetARN: target.arn,
  SuspendedState: {
    DynamicScalingInSuspended: false,
    DynamicScalingOutSuspended: false,
    ScheduledScalingSuspended: false,
    ...target.suspended,
  },
});
