import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ReportLeftoversEnv } from '../lambdas/report-leftovers/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantRecordLeftovers } from './lineage-grants.ts';
import type { MailIdentity } from './mail-identity.ts';
import { allow } from './permission.ts';
import { environmentOf, MADE_AT_RUN_TIME, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';
import { runHourly } from './run-hourly.ts';

/** Properties for ReportLeftovers. */
export interface ReportLeftoversProps extends PipelineProps {
  readonly mail: MailIdentity;
  readonly deadLetters: Queue;
}

/** Hourly: uploads that became nothing, and once a day hosting that nobody uses. It may look and tell, and nothing else. */
export class ReportLeftovers extends Construct {
  constructor(scope: Construct, id: string, props: ReportLeftoversProps) {
    super(scope, id);
    const { prefix, storage, mail, deadLetters } = props;
    const handler = new HandlerFunction(this, 'ReportLeftovers', {
      ...props,
      handler: 'report-leftovers',
      env: ReportLeftoversEnv,
      environment: pick(
        environmentOf(this, props),
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'INTAKE_BUCKET_NAME',
        'PREFIX',
        'MAIL_FROM',
      ),
      timeout: Duration.minutes(10),
    });
    grantRecordLeftovers(storage.table, handler);
    grantReadObjects(storage.intake, handler, 'models/*');
    allow(handler.role, {
      actions: ['sagemaker:ListEndpoints', 'sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'],
      resources: ['*'],
      because: 'Listing in SageMaker has no resource types.',
    });
    allow(handler.role, {
      actions: ['sagemaker:DescribeEndpoint', 'sagemaker:DescribeEndpointConfig', 'sagemaker:ListTags'],
      resources: ['endpoint', 'endpoint-config', 'model'].map((type) => sageMakerArn(this, type, prefix)),
      because: MADE_AT_RUN_TIME,
    });
    mail.grantSend(handler);
    runHourly(this, `${prefix}-report-leftovers`, handler, deadLetters);
  }
}
