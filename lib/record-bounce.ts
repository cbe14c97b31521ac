import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RecordBounceEnv } from '../lambdas/record-bounce/contract.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteApprovals, grantWriteObjects } from './lineage-grants.ts';
import { grantSignLinks } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Properties for RecordBounce. */
export interface RecordBounceProps extends PipelineProps {
  readonly mail: MailIdentity;
  /** Base URL of the approval pages, without a trailing slash. */
  readonly apiUrl: string;
}

/** Hears from SES of mails to approvers that were not delivered. */
export class RecordBounce extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: RecordBounceProps) {
    super(scope, id);
    const { prefix, storage, mail } = props;
    const handler = new HandlerFunction(this, 'RecordBounce', {
      ...props,
      handler: 'record-bounce',
      env: RecordBounceEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'MAIL_FROM',
        ),
        LINK_KEY_ARN: storage.linkKeys.signing.keyArn,
        SUBMISSION_KEY_ARN: storage.submissionKeys.signing.keyArn,
        APPROVAL_API_URL: props.apiUrl,
      },
      timeout: Duration.minutes(1),
    });
    grantWriteApprovals(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    grantSignLinks(handler, storage.linkKeys);
    mail.grantSend(handler);

    this.deadLetters = deadLetterQueue(this, 'DeadLetters', `${prefix}-bounces-dead-letters`);
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of a rule and of its function.',
    });
    new Rule(this, 'Bounced', {
      description: 'Mails to approvers that were not delivered, or reported as spam.',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
        detail: { mail: { tags: { 'launchway-request': [{ exists: true }] } } },
      },
      targets: [
        new LambdaTarget(handler.function, {
          event: RuleTargetInput.fromEventPath('$.detail'),
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    handler.function.configureAsyncInvoke({ onFailure: new SqsDestination(this.deadLetters), retryAttempts: 2 });
  }
}
