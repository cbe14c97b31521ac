import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, MISSED_UPLOADS_METRIC } from '../lambdas/report-leftovers/contract.ts';
import type { AslStateMachine } from './asl-state-machine.ts';
import type { HandlerFunction } from './handler-function.ts';

/** Properties for OperatorAlarms. */
export interface OperatorAlarmsProps {
  readonly prefix: string;
  /** Where operators are subscribed. */
  readonly alerts: Topic;
  /** By what they hold. */
  readonly deadLetters: Readonly<Record<string, Queue>>;
  readonly monitorModel: AslStateMachine;
  // biome-ignore lint/suspicious/noExplicitAny: an alarm does not depend on a function's environment contract
  readonly watchModels: HandlerFunction<any>;
}

const EVERY = Duration.minutes(5);

/** What only an operator can mend. Each alarm names its entry in docs/runbook.md. */
export class OperatorAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { prefix, alerts, deadLetters, monitorModel, watchModels }: OperatorAlarmsProps,
  ) {
    super(scope, id);
    const alarmOn = (name: string, metric: IMetric, what: string, entry: string): void => {
      const alarm = new Alarm(this, `${name}Alarm`, {
        alarmDescription: `${what} (runbook: ${entry}).`,
        metric,
        threshold: 0,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(alerts));
    };
    for (const [name, queue] of Object.entries(deadLetters)) {
      const metric = queue.metricApproximateNumberOfMessagesVisible({ period: EVERY, statistic: 'Maximum' });
      alarmOn(
        `${name}DeadLetters`,
        metric,
        `Something could not be delivered: look into ${name} dead letters`,
        'dead letters',
      );
    }
    alarmOn(
      'MonitoringFailed',
      monitorModel.stateMachine.metricFailed({ period: EVERY, statistic: 'Sum' }),
      'An execution of monitor-model failed: a window of a model may be unchecked',
      'monitoring failed',
    );
    alarmOn(
      'WatchFailed',
      watchModels.function.metricErrors({ period: EVERY, statistic: 'Sum' }),
      'watch-models failed: nobody notices whether models are watched',
      'nobody watches the watcher',
    );
    alarmOn(
      'UploadsMissed',
      new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: MISSED_UPLOADS_METRIC,
        dimensionsMap: { Deployment: prefix },
        period: Duration.hours(1),
        statistic: 'Maximum',
      }),
      'Uploads of the last three days were neither taken nor refused',
      'an upload became nothing',
    );
  }
}
