import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AdmitUploadEnv } from '../lambdas/admit-upload/contract.ts';
import { CloseReleaseEnv } from '../lambdas/close-release/contract.ts';
import { OpenReleaseEnv } from '../lambdas/open-release/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import type { MailIdentity } from './mail-identity.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick, stateMachineArn } from './pipeline.ts';
import {
  grantMeasureStaleness,
  grantStartReleases,
  grantStartRollbacks,
  grantUpdateRegistry,
} from './release-grants.ts';
import type { WithdrawApproval } from './withdraw-approval.ts';

/** Properties for ReleaseModel. */
export interface ReleaseModelProps extends PipelineProps {
  readonly mail: MailIdentity;
  readonly withdrawApproval: WithdrawApproval;
  readonly stages: {
    readonly prepareData: AslStateMachine;
    readonly trainModel: AslStateMachine;
    readonly sealArtifact: AslStateMachine;
    readonly validateModel: AslStateMachine;
    readonly approveModel: AslStateMachine;
    readonly deployModel: AslStateMachine;
  };
}

/** Turns uploads into releases and runs each from data to endpoint. */
export class ReleaseModel extends Construct {
  readonly machine: AslStateMachine;
  /** Ends of executions that could not be recorded. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ReleaseModelProps) {
    super(scope, id);
    const { stages, prefix } = props;
    this.#admitUpload(props);
    const closeRelease = this.#closeRelease(props);
    this.machine = new AslStateMachine(this, 'Workflow', {
      prefix,
      definition: 'release-model',
      invokes: { OpenReleaseFunctionArn: this.#openRelease(props), CloseReleaseFunctionArn: closeRelease },
      starts: {
        PrepareDataStateMachineArn: stages.prepareData,
        TrainModelStateMachineArn: stages.trainModel,
        SealArtifactStateMachineArn: stages.sealArtifact,
        ValidateModelStateMachineArn: stages.validateModel,
        ApproveModelStateMachineArn: stages.approveModel,
        DeployModelStateMachineArn: stages.deployModel,
      },
    });
    this.deadLetters = deadLetterQueue(this, 'EndedDeadLetters', `${prefix}-ended-dead-letters`);
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of a rule and of its function.',
    });
    this.#closeWhateverEnds(closeRelease);
  }

  /** An execution that is stopped, times out or cannot record its end must not keep the model's lease. */
  #closeWhateverEnds(closeRelease: HandlerFunction<typeof CloseReleaseEnv>): void {
    new Rule(this, 'Ended', {
      description: 'Executions of release-model that did not succeed: their releases are closed.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [this.machine.stateMachine.stateMachineArn],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      targets: [
        new LambdaTarget(closeRelease.function, {
          event: RuleTargetInput.fromEventPath('$.detail'),
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    closeRelease.function.configureAsyncInvoke({ onFailure: new SqsDestination(this.deadLetters), retryAttempts: 2 });
  }

  #admitUpload(props: ReleaseModelProps): void {
    const { storage, mail, prefix } = props;
    const handler = new HandlerFunction(this, 'AdmitUpload', {
      ...props,
      handler: 'admit-upload',
      env: AdmitUploadEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'INTAKE_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'ARTIFACTS_BUCKET_NAME',
          'MAIL_FROM',
        ),
        RELEASE_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'release-model'),
        ROLL_BACK_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'roll-back-model'),
        MEASURE_STALENESS_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'measure-staleness'),
      },
      timeout: Duration.minutes(1),
    });
    grantWriteLineage(storage.table, handler);
    grantReadObjects(storage.intake, handler, 'models/*');
    grantReadObjects(storage.approved, handler);
    grantWriteObjects(storage.approved, handler);
    grantWriteObjects(storage.artifacts, handler, 'refusals/*');
    // What a request to change a baseline is made from, and what it makes.
    grantReadObjects(storage.artifacts, handler, '*/profiles/*');
    grantWriteObjects(storage.artifacts, handler, '*/baselines/*');
    grantStartReleases(this, props, handler);
    grantStartRollbacks(this, props, handler);
    grantMeasureStaleness(this, props, handler);
    mail.grantSend(handler);
    handler.function.addEventSource(
      new SqsEventSource(storage.intakeQueue, { batchSize: 10, reportBatchItemFailures: true }),
    );
  }

  #openRelease(props: ReleaseModelProps): HandlerFunction<typeof OpenReleaseEnv> {
    const handler = new HandlerFunction(this, 'OpenRelease', {
      ...props,
      handler: 'open-release',
      env: OpenReleaseEnv,
      environment: pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
    });
    grantWriteLineage(props.storage.table, handler);
    return handler;
  }

  #closeRelease(props: ReleaseModelProps): HandlerFunction<typeof CloseReleaseEnv> {
    const { storage, mail, prefix } = props;
    const handler = new HandlerFunction(this, 'CloseRelease', {
      ...props,
      handler: 'close-release',
      env: CloseReleaseEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'INTAKE_BUCKET_NAME',
          'ARTIFACTS_BUCKET_NAME',
          'MAIL_FROM',
        ),
        ...props.withdrawApproval.environment,
        RELEASE_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'release-model'),
      },
      timeout: Duration.minutes(1),
    });
    grantWriteLineage(storage.table, handler);
    grantReadObjects(storage.intake, handler, 'models/*');
    props.withdrawApproval.grantInvoke(handler);
    grantWriteObjects(storage.artifacts, handler);
    allow(handler.role, {
      because: 'Log streams are named by jobs; only training and transform logs are meant.',
      actions: ['logs:DescribeLogStreams', 'logs:GetLogEvents'],
      resources: ['TrainingJobs', 'TransformJobs'].map((jobs) =>
        Stack.of(this).formatArn({ service: 'logs', resource: `log-group:/aws/sagemaker/${jobs}:*` }),
      ),
    });
    grantUpdateRegistry(this, prefix, handler);
    grantStartReleases(this, props, handler);
    mail.grantSend(handler);
    return handler;
  }
}
