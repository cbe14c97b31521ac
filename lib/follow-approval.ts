import { Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { FollowApprovalEnv } from '../lambdas/follow-approval/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantAnswerQuestions } from './lineage-grants.ts';
import { grantVerifyLinks, verifyingEnvironment } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { grantCheckSessions, sessionEnvironment } from './sign-in.ts';
import type { WithdrawApproval } from './withdraw-approval.ts';

/** Properties for FollowApproval. */
export interface FollowApprovalProps extends PipelineProps {
  /** The API that has the pages. */
  readonly pages: HttpApi;
  readonly withdrawApproval: WithdrawApproval;
  readonly mail: MailIdentity;
}

/** The page of those who submit: how a request stands, what is asked, and how to withdraw it. It can sign no approver's link. */
export class FollowApproval extends Construct {
  constructor(scope: Construct, id: string, props: FollowApprovalProps) {
    super(scope, id);
    const { storage, pages, withdrawApproval, mail } = props;
    const handler = new HandlerFunction(this, 'FollowApproval', {
      ...props,
      handler: 'follow-approval',
      env: FollowApprovalEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME', 'MAIL_FROM'),
        ...sessionEnvironment(storage, pages),
        ...verifyingEnvironment(storage.submissionKeys),
        ...withdrawApproval.environment,
      },
    });
    grantAnswerQuestions(storage.table, handler);
    withdrawApproval.grantInvoke(handler);
    grantVerifyLinks(handler, storage.submissionKeys);
    grantCheckSessions(handler, storage);
    mail.grantSend(handler);
    const routes = pages.addRoutes({
      path: '/approvals/{requestId}/submission',
      methods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
      integration: new HttpLambdaIntegration('FollowApproval', handler.function),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'Every request carries a link signed for who submitted (KMS HMAC), and where an issuer is configured the session of that person.',
      });
    }
  }
}
