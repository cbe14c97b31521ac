import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { LaunchwayConfig } from './config.ts';

type Conditions = Record<string, Record<string, string | string[]>>;

/**
 * What a workflow's request to SageMaker must say, whatever the workflow was given: these members are arguments computed at run
 * time, so IAM holds them.
 *
 * `ForAllValues` is true where a request has no such member at all, so each is also demanded.
 */
export const trainingConditions = (config: LaunchwayConfig): PolicyStatementProps['conditions'] =>
  merged(
    { Bool: { 'sagemaker:NetworkIsolation': 'true', 'sagemaker:InterContainerTrafficEncryption': 'true' } },
    onlyInstanceTypes(config),
    onlyInVpc(config),
  );

/** Of models, for batch transform and hosting. */
export const modelConditions = (config: LaunchwayConfig): PolicyStatementProps['conditions'] =>
  merged({ Bool: { 'sagemaker:NetworkIsolation': 'true' } }, onlyInVpc(config));

/** Of transform jobs and endpoint configurations: their model says where they run. */
export const instanceConditions = (config: LaunchwayConfig): PolicyStatementProps['conditions'] =>
  merged(onlyInstanceTypes(config));

/** The types that any team may use; which team may use which is decided at admission. */
function onlyInstanceTypes({ teams }: LaunchwayConfig): Conditions {
  const types = [...new Set(Object.values(teams).flatMap((team) => team.instanceTypes))].sort();
  return {
    'ForAllValues:StringEquals': { 'sagemaker:InstanceTypes': types },
    Null: { 'sagemaker:InstanceTypes': 'false' },
  };
}

function onlyInVpc({ vpc }: LaunchwayConfig): Conditions {
  if (!vpc) return {};
  return {
    'ForAllValues:StringEquals': {
      'sagemaker:VpcSubnets': vpc.subnets,
      'sagemaker:VpcSecurityGroupIds': vpc.securityGroups,
    },
    Null: { 'sagemaker:VpcSubnets': 'false', 'sagemaker:VpcSecurityGroupIds': 'false' },
  };
}

function merged(...all: readonly Conditions[]): Conditions {
  const result: Conditions = {};
  for (const [operator, keys] of all.flatMap((conditions) => Object.entries(conditions)))
    result[operator] = { ...result[operator], ...keys };
  return result;
}
