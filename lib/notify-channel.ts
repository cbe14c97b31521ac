import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { NotifyChannelEnv } from '../lambdas/notify-channel/contract.ts';
import type { LaunchwayConfig } from './config.ts';
import { queueWithDeadLetters } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantRecordNotices } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Properties for NotifyChannel. */
export interface NotifyChannelProps extends Omit<PipelineProps, 'containers'> {
  /** The API that has the approval pages. */
  readonly pages: HttpApi;
  readonly queue: Queue;
}

/** Tells the channels of tiers what people are asked. The only one that can read where they are. */
export class NotifyChannel extends Construct {
  constructor(scope: Construct, id: string, props: NotifyChannelProps) {
    super(scope, id);
    const { storage, pages, config, queue } = props;
    const handler = new HandlerFunction(this, 'NotifyChannel', {
      ...props,
      handler: 'notify-channel',
      env: NotifyChannelEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
        ),
        PAGES_URL: pages.apiEndpoint,
      },
    });
    grantRecordNotices(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    allow(handler.role, {
      actions: ['secretsmanager:GetSecretValue'],
      resources: secretNames(config).map((name) =>
        Stack.of(this).formatArn({
          service: 'secretsmanager',
          resource: 'secret',
          // Secrets Manager puts six characters of its own after a name.
          resourceName: `${name}-??????`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    });
    handler.function.addEventSource(new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true }));
  }
}

/** Every secret that a tier's channels name. */
const secretNames = ({ tiers }: LaunchwayConfig): string[] =>
  [...new Set(Object.values(tiers).flatMap(({ notify = [] }) => notify.map(({ secret }) => secret)))].sort();

/** Notices on their way to channels; undefined where no tier has one. */
export const noticeQueue = (scope: Construct, config: LaunchwayConfig, prefix: string) =>
  secretNames(config).length === 0
    ? undefined
    : queueWithDeadLetters(scope, 'Notice', `${prefix}-notices`, { visibilityTimeout: Duration.minutes(3) });

/** Announces what channels are told. */
// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
export const grantAnnounceNotices = (handler: HandlerFunction<any>, queue: Queue | undefined): void => {
  if (queue) allow(handler.role, { actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
};

export const noticeEnvironment = (queue: Queue | undefined) => (queue ? { NOTICE_QUEUE_URL: queue.queueUrl } : {});
