import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HandlerFunction } from './handler-function.ts';
import { allow } from './permission.ts';
import { type PipelineProps, stateMachineArn } from './pipeline.ts';

// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
type AnyHandler = HandlerFunction<any>;
type Deployment = Pick<PipelineProps, 'prefix' | 'config'>;

/** Starts releases, and turns the tag of their image into its digest. */
export function grantStartReleases(scope: Construct, { prefix, config }: Deployment, handler: AnyHandler): void {
  allow(handler.role, {
    actions: ['states:StartExecution'],
    resources: [stateMachineArn(scope, prefix, 'release-model')],
  });
  const images = [...new Set(Object.values(config.teams).flatMap((team) => team.images))];
  if (!images.length) return;
  allow(handler.role, {
    actions: ['ecr:DescribeImages'],
    resources: images.map((image) =>
      Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName: image }),
    ),
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
