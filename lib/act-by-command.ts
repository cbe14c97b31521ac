import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { ActByCommandEnv } from '../lambdas/act-by-command/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantActAsApprover, grantReadObjects, grantWriteObjects } from './lineage-grants.ts';
import { grantSignLinks } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import type { WithdrawApproval } from './withdraw-approval.ts';

/** Properties for ActByCommand. */
export interface ActByCommandProps extends PipelineProps {
  /** The API that has the approval pages. */
  readonly api: HttpApi;
  readonly mail: MailIdentity;
  readonly withdrawApproval: WithdrawApproval;
}

/** What `launchway withdraw`, `revoke`, `ask`, `answer` and `delegate` ask: routes on which API Gateway verifies who has signed. */
export class ActByCommand extends Construct {
  constructor(scope: Construct, id: string, props: ActByCommandProps) {
    super(scope, id);
    const { storage, api, mail, withdrawApproval } = props;
    const handler = new HandlerFunction(this, 'ActByCommand', {
      ...props,
      handler: 'act-by-command',
      env: ActByCommandEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'MAIL_FROM',
        ),
        ...withdrawApproval.environment,
        LINK_KEY_ARN: storage.linkKeys.signing.keyArn,
        SUBMISSION_KEY_ARN: storage.submissionKeys.signing.keyArn,
        APPROVAL_API_URL: api.apiEndpoint,
      },
    });
    grantActAsApprover(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    grantSignLinks(handler, storage.linkKeys);
    grantSignLinks(handler, storage.submissionKeys);
    withdrawApproval.grantInvoke(handler);
    mail.grantSend(handler);
    api.addRoutes({
      path: '/commands/approvals/{requestId}/acts',
      methods: [HttpMethod.GET, HttpMethod.POST],
      integration: new HttpLambdaIntegration('ActByCommand', handler.function),
      authorizer: new HttpIamAuthorizer(),
    });
  }
}
