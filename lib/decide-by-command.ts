import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DecideByCommandEnv } from '../lambdas/decide-by-command/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteApprovals, grantWriteObjects } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Properties for DecideByCommand. */
export interface DecideByCommandProps extends Omit<PipelineProps, 'containers'> {
  /** The API that has the approval pages. */
  readonly api: HttpApi;
  /** Committed decisions on their way to the waiting task. */
  readonly decisions: Queue;
}

/** What `launchway approve` asks: routes on which API Gateway verifies who has signed the request. */
export class DecideByCommand extends Construct {
  constructor(scope: Construct, id: string, props: DecideByCommandProps) {
    super(scope, id);
    const { storage, api, decisions } = props;
    const handler = new HandlerFunction(this, 'DecideByCommand', {
      ...props,
      handler: 'decide-by-command',
      env: DecideByCommandEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
        ),
        DECISION_QUEUE_URL: decisions.queueUrl,
      },
    });
    grantWriteApprovals(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    allow(handler.role, { actions: ['sqs:SendMessage'], resources: [decisions.queueArn] });

    const integration = new HttpLambdaIntegration('DecideByCommand', handler.function);
    const authorizer = new HttpIamAuthorizer();
    api.addRoutes({ path: '/commands/approvals', methods: [HttpMethod.GET], integration, authorizer });
    api.addRoutes({
      path: '/commands/approvals/{requestId}',
      methods: [HttpMethod.GET, HttpMethod.POST],
      integration,
      authorizer,
    });
  }
}
