import { describe, expect, it } from '@jest/globals';
import { DEFAULT_ROLLOUT, planRollout, trafficInWords } from '../../../domain/deployment/rollout.ts';

const realtime = { instance: 'ml.m5.large', minInstances: 2, maxInstances: 2 };
const plan = (serving: Partial<Parameters<typeof planRollout>[0]> = {}) =>
  planRollout({ realtime, ...serving }, 'launchway-local-flights', 'launchway-local-flights-v7-abc');

describe('a rollout', () => {
  it('is watched by an alarm on failed requests and one on slow ones, of the new configuration alone', () => {
    const watched = {
      Namespace: 'AWS/SageMaker',
      Dimensions: [
        { Name: 'EndpointName', Value: 'launchway-local-flights' },
        { Name: 'VariantName', Value: 'live' },
        { Name: 'EndpointConfigName', Value: 'launchway-local-flights-v7-abc' },
      ],
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    };
    expect(plan()!.alarms).toEqual([
      {
        ...watched,
        AlarmName: 'launchway-local-flights-rollout-errors',
        AlarmDescription: 'more than 1 % of requests to launchway-local-flights-v7-abc fail',
        MetricName: 'Invocation5XXErrors',
        Statistic: 'Average',
        Threshold: 0.01,
      },
      {
        ...watched,
        AlarmName: 'launchway-local-flights-rollout-latency',
        AlarmDescription: '99 % of requests to launchway-local-flights-v7-abc take more than 5000 ms',
        MetricName: 'ModelLatency',
        ExtendedStatistic: 'p99',
        // 5 s in µs.
        Threshold: 5_000_000,
      },
    ]);
  });

  it('gives several instances a canary, and one instance all traffic, watched as long', () => {
    const rollout = { ...DEFAULT_ROLLOUT, trafficPercent: 25, minMinutes: 7 };
    const AutoRollbackConfiguration = {
      Alarms: [
        { AlarmName: 'launchway-local-flights-rollout-errors' },
        { AlarmName: 'launchway-local-flights-rollout-latency' },
      ],
    };
    expect(plan({ rollout })!.canary).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'CANARY',
          CanarySize: { Type: 'CAPACITY_PERCENT', Value: 25 },
          WaitIntervalInSeconds: 420,
        },
        TerminationWaitInSeconds: 420,
      },
      AutoRollbackConfiguration,
    });
    expect(plan({ rollout })!.singleInstance).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
        TerminationWaitInSeconds: 420,
      },
      AutoRollbackConfiguration,
    });
  });

  it('is none where model.yaml asks for none, and on instances that SageMaker watches none on', () => {
    expect(plan({ rollout: { ...DEFAULT_ROLLOUT, strategy: 'allAtOnce' } })).toBeUndefined();
    expect(plan({ realtime: { ...realtime, instance: 'ml.inf1.xlarge' } })).toBeUndefined();
    expect(plan({ realtime: { ...realtime, instance: 'ml.inf2.xlarge' } })).toBeDefined();
  });

  it('says whether callers proved it', () => {
    expect(trafficInWords({ requests: 1, needed: 1_000 })).toBe(
      'answered 1 live request while alarms watched it; with fewer than 1,000 it is not proved by live traffic',
    );
    expect(trafficInWords({ requests: 1_000, needed: 1_000 })).toBe(
      'answered 1,000 live requests while alarms watched it',
    );
  });
});
