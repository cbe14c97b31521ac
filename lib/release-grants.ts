import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AWS_REPOSITORIES } from '../lambdas/admit-upload/contract.ts';
import { imagesOfTeam } from './config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { allow } from './permission.ts';
import { MADE_AT_RUN_TIME, type PipelineProps, sageMakerArn, stateMachineArn } from './pipeline.ts';

// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
type AnyHandler = HandlerFunction<any>;
type Deployment = Pick<PipelineProps, 'prefix' | 'config'>;

/** Starts releases, and turns the tag of their image into its digest. */
export function grantStartReleases(scope: Construct, { prefix, config }: Deployment, handler: AnyHandler): void {
  allow(handler.role, {
    actions: ['states:StartExecution'],
    resources: [stateMachineArn(scope, prefix, 'release-model')],
  });
  const repository = (resourceName: string, account?: string) =>
    Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName, account });
  const images = [...new Set(Object.keys(config.teams).flatMap((team) => imagesOfTeam(config, team)))];
  allow(handler.role, {
    actions: ['ecr:BatchGetImage'],
    resources: [
      ...images.map((image) => repository(image)),
      ...AWS_REPOSITORIES.map((image) => repository(image, '*')),
    ],
    because: "AWS's own images stand in another account of AWS in each region; the name is theirs.",
  });
}

/** Starts rollbacks. */
export const grantStartRollbacks = (
  scope: Construct,
  { prefix }: Pick<Deployment, 'prefix'>,
  handler: AnyHandler,
): void =>
  allow(handler.role, {
    actions: ['states:StartExecution'],
    resources: [stateMachineArn(scope, prefix, 'roll-back-model')],
  });

/** Has the last versions of a model held against each other. */
export const grantMeasureStaleness = (
  scope: Construct,
  { prefix }: Pick<Deployment, 'prefix'>,
  handler: AnyHandler,
): void =>
  allow(handler.role, {
    actions: ['states:StartExecution'],
    resources: [stateMachineArn(scope, prefix, 'measure-staleness')],
  });

/** Says in SageMaker's registry what became of a version. */
export const grantUpdateRegistry = (scope: Construct, prefix: string, handler: AnyHandler): void =>
  allow(handler.role, {
    actions: ['sagemaker:UpdateModelPackage'],
    resources: [sageMakerArn(scope, 'model-package', prefix)],
    because: MADE_AT_RUN_TIME,
  });
