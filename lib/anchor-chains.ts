import { Duration } from 'aws-cdk-lib';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AnchorChainsEnv } from '../lambdas/anchor-chains/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantAnchorChains } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { runHourly } from './run-hourly.ts';

/** Properties for AnchorChains. */
export interface AnchorChainsProps extends Omit<PipelineProps, 'containers'> {
  readonly alerts: Topic;
  readonly deadLetters: Queue;
}

/** Hourly: keeps the heads of the audit chains under Object Lock. The only one that writes there. */
export class AnchorChains extends Construct {
  constructor(scope: Construct, id: string, props: AnchorChainsProps) {
    super(scope, id);
    const { prefix, storage, alerts, deadLetters } = props;
    const handler = new HandlerFunction(this, 'AnchorChains', {
      ...props,
      handler: 'anchor-chains',
      env: AnchorChainsEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID'),
        HEADS_BUCKET_NAME: storage.heads.bucketName,
        ALERT_TOPIC_ARN: alerts.topicArn,
      },
      timeout: Duration.minutes(5),
    });
    grantAnchorChains(storage.table, handler);
    allow(handler.role, {
      actions: ['s3:PutObject'],
      resources: [storage.heads.objectArn('*')],
      because: 'A head of a chain has a key of its own, for every model.',
    });
    allow(handler.role, { actions: ['sns:Publish'], resources: [alerts.topicArn] });
    runHourly(this, `${prefix}-anchor-chains`, handler, deadLetters);
  }
}
