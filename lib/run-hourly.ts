import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { HandlerFunction } from './handler-function.ts';
import { allow } from './permission.ts';

/** Has a function invoked every hour, by a role that may do nothing else. One per scope. */
export function runHourly(
  scope: Construct,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: a function's environment contract does not matter to who invokes it
  handler: HandlerFunction<any>,
  deadLetters: Queue,
): void {
  const role = new Role(scope, 'ScheduleRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  allow(role, { actions: ['lambda:InvokeFunction'], resources: [handler.function.functionArn] });
  allow(role, { actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] });
  new CfnSchedule(scope, 'Hourly', {
    name,
    scheduleExpression: 'rate(1 hour)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: handler.function.functionArn,
      roleArn: role.roleArn,
      input: '{}',
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: deadLetters.queueArn },
    },
  });
}
