import type { Cloud, Service } from '../../service.ts';
import { policyOperations } from './policy-operations.ts';
import { ScalableTargets } from './scalable-target.ts';
import { ScalingPolicies } from './scaling-policy.ts';
import { targetOperations } from './target-operations.ts';

/** Application Auto Scaling of endpoint variants: targets and policies are checked and kept, and nothing scales by itself. */
export function createApplicationAutoScalingService(cloud: Cloud): Service {
  const targets = new ScalableTargets(cloud);
  const policies = new ScalingPolicies(cloud);
  return {
    name: 'application-autoscaling',
    operations: { ...targetOperations(cloud, targets, policies), ...policyOperations(cloud, targets, policies) },
  };
}
