import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SweepIntentsEnv } from '../lambdas/sweep-intents/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantClearOutbox, grantWriteLineage } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick, stateMachineArn } from './pipeline.ts';
import { runHourly } from './run-hourly.ts';

/** Properties for SweepIntents. */
export interface SweepIntentsProps extends PipelineProps {
  readonly decisions: Queue;
  readonly deadLetters: Queue;
}

/** Hourly: completes what a crash left between an intent and its effect. */
export class SweepIntents extends Construct {
  constructor(scope: Construct, id: string, props: SweepIntentsProps) {
    super(scope, id);
    const { prefix, storage, decisions, deadLetters } = props;
    const handler = new HandlerFunction(this, 'SweepIntents', {
      ...props,
      handler: 'sweep-intents',
      env: SweepIntentsEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        DECISION_QUEUE_URL: decisions.queueUrl,
        INTAKE_QUEUE_URL: storage.intakeQueue.queueUrl,
        RELEASE_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'release-model'),
        ROLL_BACK_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, prefix, 'roll-back-model'),
      },
    });
    grantWriteLineage(storage.table, handler);
    grantClearOutbox(storage.table, handler);
    allow(handler.role, {
      actions: ['sqs:SendMessage'],
      resources: [decisions.queueArn, storage.intakeQueue.queueArn],
    });
    allow(handler.role, {
      actions: ['states:StartExecution'],
      resources: ['release-model', 'roll-back-model'].map((name) => stateMachineArn(this, prefix, name)),
    });

    runHourly(this, `${prefix}-sweep-intents`, handler, deadLetters);
  }
}
