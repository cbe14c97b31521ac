import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { WatchModelsEnv } from '../lambdas/watch-models/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantLookUp, grantReadObjects, grantTellSystems, grantWriteLineage } from './lineage-grants.ts';
import { grantSignLinks } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { allow } from './permission.ts';
import { environmentOf, MADE_AT_RUN_TIME, type PipelineProps, pick } from './pipeline.ts';

/** Properties for WatchModels. */
export interface WatchModelsProps extends PipelineProps {
  readonly mail: MailIdentity;
  readonly alerts: Topic;
  readonly pages: HttpApi;
  /** Group of the models' schedules. */
  readonly scheduleGroup: string;
  readonly deadLetters: Queue;
}

/** Hourly: whether every model that serves is being watched. */
export class WatchModels extends Construct {
  readonly handler: HandlerFunction<typeof WatchModelsEnv>;

  constructor(scope: Construct, id: string, props: WatchModelsProps) {
    super(scope, id);
    const { prefix, storage, mail, alerts, pages, scheduleGroup, deadLetters } = props;
    const stack = Stack.of(this);
    this.handler = new HandlerFunction(this, 'WatchModels', {
      ...props,
      handler: 'watch-models',
      env: WatchModelsEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'APPROVED_BUCKET_NAME',
          'MAIL_FROM',
          'PREFIX',
        ),
        ALERT_TOPIC_ARN: alerts.topicArn,
        LINK_KEY_ARN: storage.incidentKeys.signing.keyArn,
        PAGES_URL: pages.apiEndpoint,
        SCHEDULE_GROUP_NAME: scheduleGroup,
      },
      timeout: Duration.minutes(5),
    });
    const { handler } = this;
    grantWriteLineage(storage.table, handler);
    grantReadObjects(storage.approved, handler);
    grantLookUp(storage.table, handler);
    allow(handler.role, {
      actions: ['scheduler:GetSchedule'],
      resources: [
        stack.formatArn({ service: 'scheduler', resource: 'schedule', resourceName: `${scheduleGroup}/${prefix}-*` }),
      ],
      because: MADE_AT_RUN_TIME,
    });
    allow(handler.role, { actions: ['sns:Publish'], resources: [alerts.topicArn] });
    grantTellSystems(storage.table, handler);
    grantSignLinks(handler, storage.incidentKeys);
    mail.grantSend(handler);

    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    allow(role, { actions: ['lambda:InvokeFunction'], resources: [handler.function.functionArn] });
    allow(role, { actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] });
    new CfnSchedule(this, 'Hourly', {
      name: `${prefix}-watch-models`,
      // After the models' own schedules, which run at a quarter past.
      scheduleExpression: 'cron(45 * * * ? *)',
      scheduleExpressionTimezone: 'UTC',
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
}
