import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type CfnStage, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DecideApprovalEnv } from '../lambdas/decide-approval/contract.ts';
import { DeliverDecisionEnv } from '../lambdas/deliver-decision/contract.ts';
import { ExpireApprovalEnv } from '../lambdas/expire-approval/contract.ts';
import { PlanApprovalEnv } from '../lambdas/plan-approval/contract.ts';
import { RequestApprovalEnv } from '../lambdas/request-approval/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { queueWithDeadLetters } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import {
  grantActAsApprover,
  grantClearOutbox,
  grantReadLineage,
  grantReadObjects,
  grantWriteApprovals,
  grantWriteLineage,
  grantWriteObjects,
} from './lineage-grants.ts';
import { grantSignLinks, grantVerifyLinks, verifyingEnvironment } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { grantAnnounceNotices, noticeEnvironment } from './notify-channel.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick, stateMachineArn } from './pipeline.ts';
import { grantCheckSessions, sessionEnvironment } from './sign-in.ts';

/** Properties for ApproveModel. */
export interface ApproveModelProps extends PipelineProps {
  readonly mail: MailIdentity;
  /** Where notices for channels go; absent where no tier has one. */
  readonly notices?: Queue;
}

/** Asks people and waits: mails with signed links, pages that show the evidence, and an outbox that answers the waiting task. */
export class ApproveModel extends Construct {
  readonly machine: AslStateMachine;
  readonly api: HttpApi;
  /** Committed decisions on their way to the waiting task. */
  readonly decisions: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ApproveModelProps) {
    super(scope, id);
    const { queue, deadLetters } = queueWithDeadLetters(this, 'Decision', `${props.prefix}-decisions`, {
      visibilityTimeout: Duration.minutes(3),
    });
    this.decisions = queue;
    this.deadLetters = deadLetters;
    this.api = new HttpApi(this, 'Api', { apiName: `${props.prefix}-approvals`, createDefaultStage: true });
    this.#logAccess(this.api, props.prefix);
    this.#approvalPages(props);
    this.#deliverDecision(props);
    this.machine = new AslStateMachine(this, 'Workflow', {
      prefix: props.prefix,
      definition: 'approve-model',
      invokes: {
        PlanApprovalFunctionArn: this.#planApproval(props),
        RequestApprovalFunctionArn: this.#requestApproval(props),
        ExpireApprovalFunctionArn: this.#expireApproval(props),
      },
    });
  }

  #planApproval(props: ApproveModelProps): HandlerFunction<typeof PlanApprovalEnv> {
    const handler = new HandlerFunction(this, 'PlanApproval', {
      ...props,
      handler: 'plan-approval',
      env: PlanApprovalEnv,
      environment: pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'APPROVED_BUCKET_NAME'),
    });
    grantReadLineage(props.storage.table, handler);
    grantReadObjects(props.storage.approved, handler);
    return handler;
  }

  #requestApproval(props: ApproveModelProps): HandlerFunction<typeof RequestApprovalEnv> {
    const { storage, mail } = props;
    const handler = new HandlerFunction(this, 'RequestApproval', {
      ...props,
      handler: 'request-approval',
      env: RequestApprovalEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'MAIL_FROM',
        ),
        TOKEN_KEY_ARN: storage.tokenKey.keyArn,
        LINK_KEY_ARN: storage.linkKeys.signing.keyArn,
        SUBMISSION_KEY_ARN: storage.submissionKeys.signing.keyArn,
        APPROVAL_API_URL: this.api.apiEndpoint,
        DECISION_QUEUE_URL: this.decisions.queueUrl,
        ...noticeEnvironment(props.notices),
      },
      timeout: Duration.minutes(1),
    });
    grantAnnounceNotices(handler, props.notices);
    grantWriteApprovals(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    allow(handler.role, { actions: ['kms:Encrypt'], resources: [storage.tokenKey.keyArn] });
    grantSignLinks(handler, storage.linkKeys);
    grantSignLinks(handler, storage.submissionKeys);
    allow(handler.role, { actions: ['sqs:SendMessage'], resources: [this.decisions.queueArn] });
    mail.grantSend(handler);
    return handler;
  }

  #expireApproval(props: ApproveModelProps): HandlerFunction<typeof ExpireApprovalEnv> {
    const handler = new HandlerFunction(this, 'ExpireApproval', {
      ...props,
      handler: 'expire-approval',
      env: ExpireApprovalEnv,
      environment: pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
    });
    grantWriteApprovals(props.storage.table, handler);
    return handler;
  }

  /** The one role that may answer tasks; it can touch nothing of SageMaker. */
  #deliverDecision(props: ApproveModelProps): void {
    const { storage, prefix } = props;
    const handler = new HandlerFunction(this, 'DeliverDecision', {
      ...props,
      handler: 'deliver-decision',
      env: DeliverDecisionEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        TOKEN_KEY_ARN: storage.tokenKey.keyArn,
      },
    });
    grantWriteLineage(storage.table, handler);
    grantClearOutbox(storage.table, handler);
    allow(handler.role, { actions: ['kms:Decrypt'], resources: [storage.tokenKey.keyArn] });
    allow(handler.role, {
      actions: ['states:SendTaskSuccess'],
      resources: [stateMachineArn(this, prefix, 'approve-model')],
    });
    handler.function.addEventSource(
      new SqsEventSource(this.decisions, { batchSize: 10, reportBatchItemFailures: true }),
    );
  }

  #approvalPages(props: ApproveModelProps): void {
    const { storage, mail } = props;
    const handler = new HandlerFunction(this, 'DecideApproval', {
      ...props,
      handler: 'decide-approval',
      env: DecideApprovalEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'MAIL_FROM',
        ),
        ...sessionEnvironment(storage, this.api),
        ...verifyingEnvironment(storage.linkKeys),
        SUBMISSION_KEY_ARN: storage.submissionKeys.signing.keyArn,
        APPROVAL_API_URL: this.api.apiEndpoint,
        DECISION_QUEUE_URL: this.decisions.queueUrl,
      },
    });
    grantActAsApprover(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler, '*/approvals/*');
    grantVerifyLinks(handler, storage.linkKeys);
    grantSignLinks(handler, storage.submissionKeys);
    allow(handler.role, { actions: ['sqs:SendMessage'], resources: [this.decisions.queueArn] });
    mail.grantSend(handler);

    grantCheckSessions(handler, storage);

    const routes = this.api.addRoutes({
      path: '/approvals/{requestId}',
      methods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
      integration: new HttpLambdaIntegration('DecideApproval', handler.function),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'Every request carries a link signed for one approver (KMS HMAC), and where an issuer is configured the session of that person.',
      });
    }
  }

  /** Without query strings: they hold the signed link. */
  #logAccess(api: HttpApi, prefix: string): void {
    const logGroup = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/apis/${prefix}-approvals`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = api.defaultStage?.node.defaultChild as CfnStage;
    stage.accessLogSettings = {
      destinationArn: logGroup.logGroupArn,
      format: JSON.stringify({
        time: '$context.requestTime',
        method: '$context.httpMethod',
        path: '$context.path',
        status: '$context.status',
        id: '$context.requestId',
        ip: '$context.identity.sourceIp',
      }),
    };
    stage.defaultRouteSettings = { throttlingBurstLimit: 50, throttlingRateLimit: 20 };
  }
}
