import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RemindApproversEnv } from '../lambdas/remind-approvers/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import {
  grantClearReminders,
  grantReadObjects,
  grantWriteApprovals,
  grantWriteObjects,
  grantWriteThreads,
} from './lineage-grants.ts';
import { grantSignLinks } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { grantAnnounceNotices, noticeEnvironment } from './notify-channel.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { runHourly } from './run-hourly.ts';

/** Properties for RemindApprovers. */
export interface RemindApproversProps extends PipelineProps {
  readonly mail: MailIdentity;
  /** Base URL of the approval pages, without a trailing slash. */
  readonly apiUrl: string;
  readonly deadLetters: Queue;
  /** Where notices for channels go; absent where no tier has one. */
  readonly notices?: Queue;
}

/** Hourly: reminds those who have not decided, and escalates. */
export class RemindApprovers extends Construct {
  constructor(scope: Construct, id: string, props: RemindApproversProps) {
    super(scope, id);
    const { prefix, storage, deadLetters } = props;
    const handler = new HandlerFunction(this, 'RemindApprovers', {
      ...props,
      handler: 'remind-approvers',
      env: RemindApproversEnv,
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
        ...noticeEnvironment(props.notices),
      },
      timeout: Duration.minutes(2),
    });
    grantAnnounceNotices(handler, props.notices);
    grantWriteApprovals(storage.table, handler);
    grantClearReminders(storage.table, handler);
    grantWriteThreads(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    grantSignLinks(handler, storage.linkKeys);
    grantSignLinks(handler, storage.submissionKeys);
    props.mail.grantSend(handler);

    runHourly(this, `${prefix}-remind-approvers`, handler, deadLetters);
  }
}
