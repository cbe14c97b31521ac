import type { Construct } from 'constructs';
import { managedRuleStatement } from './asl-state-machine.ts';
import type { Permission } from './permission.ts';
import { MADE_AT_RUN_TIME, type PipelineProps, sageMakerArn } from './pipeline.ts';
import { instanceConditions, modelConditions } from './sagemaker-conditions.ts';

/** What a workflow needs that sends rows through models: a model that is made and deleted, and a batch transform between. */
export function transformStatements(scope: Construct, { config, prefix, containers }: PipelineProps): Permission[] {
  const models = sageMakerArn(scope, 'model', prefix);
  const jobs = sageMakerArn(scope, 'transform-job', prefix);
  return [
    {
      actions: ['sagemaker:CreateModel'],
      resources: [models],
      because: MADE_AT_RUN_TIME,
      conditions: modelConditions(config),
    },
    { actions: ['sagemaker:DeleteModel', 'sagemaker:AddTags'], resources: [models], because: MADE_AT_RUN_TIME },
    {
      actions: ['sagemaker:CreateTransformJob'],
      resources: [jobs],
      because: MADE_AT_RUN_TIME,
      conditions: instanceConditions(config),
    },
    {
      actions: ['sagemaker:DescribeTransformJob', 'sagemaker:StopTransformJob', 'sagemaker:AddTags'],
      resources: [jobs],
      because: MADE_AT_RUN_TIME,
    },
    containers.passStatement('transform'),
    managedRuleStatement(scope, 'StepFunctionsGetEventsForSageMakerTransformJobsRule'),
  ];
}
