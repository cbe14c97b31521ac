import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AuthorizeRollbackEnv } from '../lambdas/authorize-rollback/contract.ts';
import { CloseRollbackEnv } from '../lambdas/close-rollback/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { deadLetterQueue } from './dead-letters.ts';
import type { DeployModel } from './deploy-model.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadLineage, grantWriteLineage } from './lineage-grants.ts';
import type { MailIdentity } from './mail-identity.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { grantUpdateRegistry } from './release-grants.ts';

/** Properties for RollBackModel. */
export interface RollBackModelProps extends PipelineProps {
  readonly mail: MailIdentity;
  /** What serves, verifies and switches any version. */
  readonly deployModel: DeployModel;
}

/** Serves a former version again. It touches endpoints through `serve-version` only, as a deployment does. */
export class RollBackModel extends Construct {
  readonly machine: AslStateMachine;
  /** Ends of executions that could not be recorded. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: RollBackModelProps) {
    super(scope, id);
    const { prefix, storage, mail, deployModel } = props;
    const table = pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME');
    const authorizeRollback = new HandlerFunction(this, 'AuthorizeRollback', {
      ...props,
      handler: 'authorize-rollback',
      env: AuthorizeRollbackEnv,
      environment: table,
    });
    grantReadLineage(storage.table, authorizeRollback);
    const closeRollback = new HandlerFunction(this, 'CloseRollback', {
      ...props,
      handler: 'close-rollback',
      env: CloseRollbackEnv,
      environment: pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME', 'MAIL_FROM'),
    });
    grantWriteLineage(storage.table, closeRollback);
    mail.grantSend(closeRollback);
    grantUpdateRegistry(this, prefix, closeRollback);
    this.machine = new AslStateMachine(this, 'Workflow', {
      prefix,
      definition: 'roll-back-model',
      invokes: {
        AuthorizeRollbackFunctionArn: authorizeRollback,
        VerifyDeploymentFunctionArn: deployModel.verifyDeployment,
        SwitchChampionFunctionArn: deployModel.switchChampion,
        CloseRollbackFunctionArn: closeRollback,
      },
      starts: { ServeVersionStateMachineArn: deployModel.serveVersion },
    });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', `${prefix}-rollback-dead-letters`);
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of a rule and of its function.',
    });
    this.#closeWhateverEnds(closeRollback);
  }

  /** An execution that is stopped, times out or cannot record its end must not keep deployments off. */
  #closeWhateverEnds(closeRollback: HandlerFunction<typeof CloseRollbackEnv>): void {
    new Rule(this, 'Ended', {
      description: 'Executions of roll-back-model that did not succeed: their rollbacks are closed.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [this.machine.stateMachine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      targets: [
        new LambdaTarget(closeRollback.function, {
          event: RuleTargetInput.fromEventPath('$.detail'),
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    closeRollback.function.configureAsyncInvoke({ onFailure: new SqsDestination(this.deadLetters), retryAttempts: 2 });
  }
}
