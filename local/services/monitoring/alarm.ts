import { NotImplementedError, ServiceError } from '../../service.ts';
import { checkStatistic, type Metric } from './metric.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A metric alarm as stored, in the API's own names. */
export interface Alarm extends Metric {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  readonly AlarmDescription?: string | undefined;
  readonly ActionsEnabled: boolean;
  readonly AlarmActions: readonly string[];
  readonly OKActions: readonly string[];
  readonly InsufficientDataActions: readonly string[];
  /** Of either kind: `Average`, `p99`. */
  readonly statistic: string;
  /** Seconds. */
  readonly Period: number;
  readonly Unit?: string | undefined;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
  readonly state: AlarmState;
  readonly reason: string;
  /** Milliseconds since the epoch, here and below. */
  readonly stateChangedAt: number;
  readonly configuredAt: number;
  /** After this nothing new can come of the data there is. */
  readonly watchUntil: number;
}

const COMPARISONS: ReadonlyMap<string, (value: number, threshold: number) => boolean> = new Map([
  ['GreaterThanThreshold', (value: number, threshold: number) => value > threshold],
  ['GreaterThanOrEqualToThreshold', (value: number, threshold: number) => value >= threshold],
  ['LessThanThreshold', (value: number, threshold: number) => value < threshold],
  ['LessThanOrEqualToThreshold', (value: number, threshold: number) => value <= threshold],
]);

const TREATMENTS = new Set(['missing', 'ignore', 'breaching', 'notBreaching']);

/** Periods that are looked back beyond those evaluated, for data that is missing. */
export const LOOKBACK = 2;

/**
 * The state that the last periods call for.
 *
 * @param values one per period, newest first, `EvaluationPeriods + LOOKBACK` of them; undefined where nothing was measured
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateOf(alarm: Alarm, values: readonly (number | undefined)[]): AlarmState {
  const breaches = COMPARISONS.get(alarm.ComparisonOperator)!;
  const real = values.filter((value) => value !== undefined).slice(0, alarm.EvaluationPeriods);
  const breaching = real.filter((value) => breaches(value, alarm.Threshold)).length;
  const missing = alarm.EvaluationPeriods - real.length;
  switch (alarm.TreatMissingData) {
    case 'breaching':
      return breaching + missing >= alarm.DatapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaching >= alarm.DatapointsToAlarm ? 'ALARM' : 'OK';
    case 'ignore':
      if (breaching >= alarm.DatapointsToAlarm) return 'ALARM';
      return breaching + missing >= alarm.DatapointsToAlarm ? alarm.state : 'OK';
    default:
      if (real.length === 0) return 'INSUFFICIENT_DATA';
      return breaching > 0 && breaching + missing >= alarm.DatapointsToAlarm ? 'ALARM' : 'OK';
  }
}

/**
 * Reads an alarm's definition, from the API or a template: both use the same names.
 *
 * @throws {NotImplementedError} alarms on metric math, anomaly bands, and periods below a minute
 */
// biome-ignore lint/suspicious/noExplicitAny: PutMetricAlarm's input, checked here
export function alarmOf(input: any, arn: string, now: number, before: Alarm | undefined): Alarm {
  checkAlarm(input);
  const { ComparisonOperator, TreatMissingData = 'missing', EvaluationPeriods, Threshold, Period } = input;
  return {
    AlarmName: input.AlarmName,
    AlarmArn: arn,
    AlarmDescription: input.AlarmDescription,
    ActionsEnabled: input.ActionsEnabled ?? true,
    AlarmActions: input.AlarmActions ?? [],
    OKActions: input.OKActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    Namespace: input.Namespace,
    MetricName: input.MetricName,
    Dimensions: input.Dimensions ?? [],
    statistic: input.ExtendedStatistic ?? input.Statistic,
    Period,
    Unit: input.Unit,
    EvaluationPeriods,
    DatapointsToAlarm: input.DatapointsToAlarm ?? EvaluationPeriods,
    Threshold,
    ComparisonOperator,
    TreatMissingData,
    state: before?.state ?? 'INSUFFICIENT_DATA',
    reason: before?.reason ?? 'Unchecked: Initial alarm creation',
    stateChangedAt: before?.stateChangedAt ?? now,
    configuredAt: now,
    watchUntil: now + (EvaluationPeriods + LOOKBACK + 1) * Period * 1000,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: PutMetricAlarm's input, checked here
function checkAlarm(input: any): void {
  const { ComparisonOperator, TreatMissingData = 'missing', EvaluationPeriods, Threshold, Period } = input;
  if (!COMPARISONS.has(ComparisonOperator))
    throw new NotImplementedError(`monitoring:ComparisonOperator ${ComparisonOperator}`);
  if (!TREATMENTS.has(TreatMissingData))
    throw invalid(`expected TreatMissingData missing, ignore, breaching or notBreaching, got ${TreatMissingData}`);
  checkStatistic(String(input.ExtendedStatistic ?? input.Statistic));
  if (input.MetricName === undefined) throw new NotImplementedError('monitoring:PutMetricAlarm Metrics');
  if (!(Period >= 60 && Period % 60 === 0)) throw new NotImplementedError(`monitoring:PutMetricAlarm Period ${Period}`);
  const DatapointsToAlarm = input.DatapointsToAlarm ?? EvaluationPeriods;
  if (!(EvaluationPeriods >= 1 && DatapointsToAlarm >= 1 && DatapointsToAlarm <= EvaluationPeriods)) {
    throw invalid(
      `expected 1 ≤ DatapointsToAlarm ≤ EvaluationPeriods, got ${DatapointsToAlarm} and ${EvaluationPeriods}`,
    );
  }
  const longest = (Period < 3600 ? 1 : 7) * 86_400;
  if (Period * EvaluationPeriods > longest)
    throw invalid(
      `expected at most ${longest} seconds in Period × EvaluationPeriods, got ${Period * EvaluationPeriods}`,
    );
  if (typeof Threshold !== 'number') throw invalid(`expected a Threshold, got ${Threshold}`);
  for (const action of [
    ...(input.AlarmActions ?? []),
    ...(input.OKActions ?? []),
    ...(input.InsufficientDataActions ?? []),
  ]) {
    if (!/^arn:aws:(sns|lambda):/.test(action))
      throw new NotImplementedError(`monitoring:PutMetricAlarm action ${action}`);
  }
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);
