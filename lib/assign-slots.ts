import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AssignSlotsEnv } from '../lambdas/assign-slots/contract.ts';
import { SweepSlotsEnv } from '../lambdas/sweep-slots/contract.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantChangeSlots, grantReadSlots } from './lineage-grants.ts';
import { allow } from './permission.ts';
import {
  environmentOf,
  MADE_AT_RUN_TIME,
  type PipelineProps,
  pick,
  sageMakerArn,
  stateMachineArn,
} from './pipeline.ts';
import { runHourly } from './run-hourly.ts';

/** Kinds of jobs whose end frees instances: the event's name and the members that say which and how. */
const JOBS = [
  { kind: 'Training', detailType: 'SageMaker Training Job State Change', noun: 'TrainingJob' },
  { kind: 'Transform', detailType: 'SageMaker Transform Job State Change', noun: 'TransformJob' },
  { kind: 'Search', detailType: 'SageMaker HyperParameter Tuning Job State Change', noun: 'HyperParameterTuningJob' },
];

/** Machines whose tasks wait for instances. */
const WAITING = ['train-model'];

/** Gives the account's instances out to jobs in turn, frees them by their events, and sweeps hourly for what was lost. */
export class AssignSlots extends Construct {
  /** Asked by workflows, told by events; the one function that may answer tasks that wait for instances. */
  readonly handler: HandlerFunction<typeof AssignSlotsEnv>;
  /** Ends of jobs that could not be told. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { prefix } = props;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', `${prefix}-slots-dead-letters`);
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of rules and of a schedule.',
    });
    this.handler = this.#assignSlots(props);
    for (const job of JOBS) this.#freeWhenEnded(job, prefix);
    this.#sweepSlots(props);
  }

  #assignSlots(props: PipelineProps): HandlerFunction<typeof AssignSlotsEnv> {
    const { storage, prefix } = props;
    const handler = new HandlerFunction(this, 'AssignSlots', {
      ...props,
      handler: 'assign-slots',
      env: AssignSlotsEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        SLOT_KEY_ARN: storage.slotKey.keyArn,
      },
    });
    grantChangeSlots(storage.table, handler);
    allow(handler.role, { actions: ['kms:Encrypt', 'kms:Decrypt'], resources: [storage.slotKey.keyArn] });
    allow(handler.role, {
      actions: ['states:SendTaskSuccess'],
      resources: WAITING.map((machine) => stateMachineArn(this, prefix, machine)),
    });
    return handler;
  }

  #freeWhenEnded({ kind, detailType, noun }: (typeof JOBS)[number], prefix: string): void {
    new Rule(this, `${kind}Ended`, {
      description: `A ${noun} has ended: whoever waits for its instances goes on.`,
      eventPattern: {
        source: ['aws.sagemaker'],
        detailType: [detailType],
        detail: {
          [`${noun}Name`]: Match.prefix(`${prefix}-`),
          [`${noun}Status`]: ['Completed', 'Failed', 'Stopped'],
        },
      },
      targets: [
        new LambdaTarget(this.handler.function, {
          event: RuleTargetInput.fromEventPath('$.detail'),
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }

  #sweepSlots(props: PipelineProps): void {
    const { storage, prefix } = props;
    const sweep = new Construct(this, 'Sweep');
    const handler = new HandlerFunction(sweep, 'SweepSlots', {
      ...props,
      handler: 'sweep-slots',
      env: SweepSlotsEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        ASSIGN_SLOTS_FUNCTION_NAME: this.handler.function.functionName,
      },
      timeout: Duration.minutes(5),
    });
    grantReadSlots(storage.table, handler);
    allow(handler.role, { actions: ['lambda:InvokeFunction'], resources: [this.handler.function.functionArn] });
    allow(handler.role, {
      actions: [
        'sagemaker:DescribeTrainingJob',
        'sagemaker:DescribeTransformJob',
        'sagemaker:DescribeHyperParameterTuningJob',
      ],
      resources: ['training-job', 'transform-job', 'hyper-parameter-tuning-job'].map((type) =>
        sageMakerArn(this, type, prefix),
      ),
      because: MADE_AT_RUN_TIME,
    });
    allow(handler.role, {
      actions: ['states:DescribeExecution'],
      resources: WAITING.map((machine) =>
        Stack.of(this).formatArn({
          service: 'states',
          resource: 'execution',
          resourceName: `${prefix}-${machine}:*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
      because: 'Executions are named when they start; only those of these machines are meant.',
    });
    runHourly(sweep, `${prefix}-sweep-slots`, handler, this.deadLetters);
  }
}
