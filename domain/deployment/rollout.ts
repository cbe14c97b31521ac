import type { ModelDefinition, Rollout } from '../model-definition.ts';
import { VARIANT } from '../monitoring/keys.ts';
import type { RolloutRequests } from '../step-results.ts';

/**
 * What holds where model.yaml says nothing. Five seconds are wrong for any model on tables; what is slow for this one, only its
 * definition knows.
 */
export const DEFAULT_ROLLOUT: Rollout = {
  strategy: 'canary',
  trafficPercent: 50,
  minMinutes: 10,
  minRequests: 500,
  alarms: { p99ModelLatencyMs: 5_000, maxErrorFraction: 0.01 },
};

/** What UpdateEndpoint and PutMetricAlarm are asked for. */
export interface RolloutPlan {
  /** Requests of PutMetricAlarm. */
  readonly alarms: readonly RolloutAlarm[];
  /** DeploymentConfig where several instances serve. */
  readonly canary: DeploymentConfig;
  /** DeploymentConfig where one does: half of it cannot take a part of the traffic, so all of it is watched at once. */
  readonly singleInstance: DeploymentConfig;
}

interface RolloutAlarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace: 'AWS/SageMaker';
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic?: 'Average';
  readonly ExtendedStatistic?: 'p99';
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: 'GreaterThanThreshold';
  readonly TreatMissingData: 'notBreaching';
}

interface Routing {
  readonly Type: 'CANARY' | 'ALL_AT_ONCE';
  readonly CanarySize?: { readonly Type: 'CAPACITY_PERCENT'; readonly Value: number };
  readonly WaitIntervalInSeconds: number;
}

interface DeploymentConfig {
  readonly BlueGreenUpdatePolicy: {
    readonly TrafficRoutingConfiguration: Routing;
    readonly TerminationWaitInSeconds: number;
  };
  readonly AutoRollbackConfiguration: { readonly Alarms: readonly { readonly AlarmName: string }[] };
}

/** Two minutes of three: one bad minute of few requests is no release that went wrong. */
const WATCHED = { Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 2 };
/** SageMaker has no guardrails on these: it would go all at once and watch nothing. */
const UNGUARDED = /^ml\.inf1\./;

export const rolloutOf = ({ rollout }: Pick<ModelDefinition['serving'], 'rollout'>): Rollout =>
  rollout ?? DEFAULT_ROLLOUT;

/**
 * Alarms on the new configuration alone, and what becomes of traffic while they are watched. Their names are the endpoint's, so each
 * rollout takes over those of the one before.
 *
 * @returns undefined where model.yaml asks for none, or SageMaker watches none on these instances
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
 */
export function planRollout(
  { rollout, realtime }: Pick<ModelDefinition['serving'], 'rollout' | 'realtime'>,
  endpointName: string,
  endpointConfigName: string,
): RolloutPlan | undefined {
  const { strategy, trafficPercent, minMinutes, alarms } = rolloutOf({ ...(rollout && { rollout }) });
  if (strategy === 'allAtOnce' || UNGUARDED.test(realtime.instance)) return undefined;
  const made = alarmsOf(alarms, endpointName, endpointConfigName);
  const seconds = minMinutes * 60;
  const withRouting = (TrafficRoutingConfiguration: Routing): DeploymentConfig => ({
    BlueGreenUpdatePolicy: { TrafficRoutingConfiguration, TerminationWaitInSeconds: seconds },
    AutoRollbackConfiguration: { Alarms: made.map(({ AlarmName }) => ({ AlarmName })) },
  });
  return {
    alarms: made,
    canary: withRouting({
      Type: 'CANARY',
      CanarySize: { Type: 'CAPACITY_PERCENT', Value: trafficPercent },
      WaitIntervalInSeconds: seconds,
    }),
    singleInstance: withRouting({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 }),
  };
}

function alarmsOf(
  { maxErrorFraction, p99ModelLatencyMs }: Rollout['alarms'],
  endpointName: string,
  endpointConfigName: string,
): RolloutAlarm[] {
  const watched = {
    Namespace: 'AWS/SageMaker',
    Dimensions: [
      { Name: 'EndpointName', Value: endpointName },
      { Name: 'VariantName', Value: VARIANT },
      { Name: 'EndpointConfigName', Value: endpointConfigName },
    ],
    ...WATCHED,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  } as const;
  return [
    {
      ...{ AlarmName: `${endpointName}-rollout-errors`, MetricName: 'Invocation5XXErrors', Statistic: 'Average' },
      AlarmDescription: `more than ${percent(maxErrorFraction)} of requests to ${endpointConfigName} fail`,
      ...{ ...watched, Threshold: maxErrorFraction },
    },
    {
      ...{ AlarmName: `${endpointName}-rollout-latency`, MetricName: 'ModelLatency', ExtendedStatistic: 'p99' },
      AlarmDescription: `99 % of requests to ${endpointConfigName} take more than ${p99ModelLatencyMs} ms`,
      // Microseconds.
      ...{ ...watched, Threshold: p99ModelLatencyMs * 1_000 },
    },
  ];
}

/** `answered 37 live requests while alarms watched it; with fewer than 500 it is not proved by live traffic` */
export const trafficInWords = ({ requests, needed }: RolloutRequests): string =>
  `answered ${requests.toLocaleString('en-US')} live request${requests === 1 ? '' : 's'} while alarms watched it${
    requests < needed ? `; with fewer than ${needed.toLocaleString('en-US')} it is not proved by live traffic` : ''
  }`;

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
