import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { WithdrawApprovalEnv } from '../lambdas/withdraw-approval/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantWriteApprovals } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Properties for WithdrawApproval. */
export interface WithdrawApprovalProps extends PipelineProps {
  /** Committed decisions on their way to the waiting task. */
  readonly decisions: Queue;
}

/** Takes questions back. Who may call it can do nothing else to a request: permission to write one is permission to approve it. */
export class WithdrawApproval extends Construct {
  readonly #handler: HandlerFunction<typeof WithdrawApprovalEnv>;

  constructor(scope: Construct, id: string, props: WithdrawApprovalProps) {
    super(scope, id);
    this.#handler = new HandlerFunction(this, 'Function', {
      ...props,
      handler: 'withdraw-approval',
      env: WithdrawApprovalEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        DECISION_QUEUE_URL: props.decisions.queueUrl,
      },
    });
    grantWriteApprovals(props.storage.table, this.#handler);
    allow(this.#handler.role, { actions: ['sqs:SendMessage'], resources: [props.decisions.queueArn] });
  }

  get environment() {
    return { WITHDRAW_APPROVAL_FUNCTION_NAME: this.#handler.function.functionName };
  }

  // biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
  grantInvoke(handler: HandlerFunction<any>): void {
    allow(handler.role, { actions: ['lambda:InvokeFunction'], resources: [this.#handler.function.functionArn] });
  }
}
