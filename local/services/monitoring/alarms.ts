import type { Timer } from '../../clock.ts';
import type { Cloud, Principal } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { type Alarm, type AlarmState, LOOKBACK, stateOf } from './alarm.ts';
import { type Metric, merge, metricKey, statisticOf } from './metric.ts';
import { type MetricStore, MINUTE } from './metric-store.ts';

const ALARMS = 'cloudwatch.alarms';

/**
 * Alarms, evaluated each minute while there is data that could change their state.
 *
 * An alarm whose data has gone by settles and sleeps, so days without data cost nothing.
 */
export class Alarms {
  readonly #cloud: Cloud;
  readonly #metrics: MetricStore;
  readonly #timers = new Map<string, Timer>();

  constructor(cloud: Cloud, metrics: MetricStore) {
    this.#cloud = cloud;
    this.#metrics = metrics;
  }

  list(prefix = ''): Alarm[] {
    return this.#cloud.store.list<Alarm>(ALARMS, prefix).map(({ value }) => value);
  }

  find(name: string): Alarm | undefined {
    return this.#cloud.store.get<Alarm>(ALARMS, name);
  }

  /** @throws {ServiceError} ResourceNotFound */
  get(name: string): Alarm {
    const alarm = this.find(name);
    if (!alarm) throw new ServiceError('ResourceNotFound', `expected an alarm, got ${name}`, 404);
    return alarm;
  }

  put(alarm: Alarm): void {
    this.#cloud.store.put(ALARMS, alarm.AlarmName, alarm);
    this.#arm(alarm);
  }

  delete(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    this.#cloud.store.delete(ALARMS, name);
  }

  /** After a restart. */
  armAll(): void {
    for (const alarm of this.list()) this.#arm(alarm);
  }

  /** Wakes the alarms on a metric that was measured. */
  measured(metric: Metric): void {
    const key = metricKey(metric);
    for (const alarm of this.list()) {
      if (metricKey(alarm) !== key) continue;
      const periods = alarm.EvaluationPeriods + LOOKBACK + 1;
      const watchUntil = this.#cloud.clock.now() + periods * alarm.Period * 1000;
      // Within a minute nothing changes: the alarm is awake already.
      if (watchUntil - alarm.watchUntil >= MINUTE) this.put({ ...alarm, watchUntil });
    }
  }

  /** Sets a state and does what the alarm asks for on entering it. */
  async enter(name: string, state: AlarmState, reason: string): Promise<void> {
    const before = this.get(name);
    const alarm: Alarm = { ...before, state, reason, stateChangedAt: this.#cloud.clock.now() };
    this.#cloud.store.put(ALARMS, name, alarm);
    if (before.state === state) return;
    this.#announce(alarm, before.state);
    if (!alarm.ActionsEnabled) return;
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    for (const action of actions[state]) void this.#cloud.track(this.#act(alarm, action, before.state));
  }

  #arm(alarm: Alarm): void {
    const now = this.#cloud.clock.now();
    this.#timers.get(alarm.AlarmName)?.cancel();
    if (now >= alarm.watchUntil) return;
    // A long period need not be looked at each minute.
    const step = Math.max(MINUTE, Math.floor((alarm.Period * 1000) / 5 / MINUTE) * MINUTE);
    const next = (Math.floor(now / step) + 1) * step;
    this.#timers.set(
      alarm.AlarmName,
      this.#cloud.clock.at(next, () => {
        void this.#cloud.track(this.#evaluate(alarm.AlarmName));
      }),
    );
  }

  async #evaluate(name: string): Promise<void> {
    const alarm = this.find(name);
    if (!alarm) return;
    const values = this.#lastPeriods(alarm);
    const state = stateOf(alarm, values);
    if (state !== alarm.state) await this.enter(name, state, reasonOf(alarm, values, state));
    this.#arm(this.get(name));
  }

  /** Newest first, up to the last full minute. */
  #lastPeriods(alarm: Alarm): (number | undefined)[] {
    const length = alarm.Period * 1000;
    const count = alarm.EvaluationPeriods + LOOKBACK;
    const end = Math.floor(this.#cloud.clock.now() / MINUTE) * MINUTE;
    const minutes = this.#metrics.minutes(alarm, end - count * length, end, alarm.Unit);
    return Array.from({ length: count }, (_, index) => {
      const until = end - index * length;
      const bucket = merge(minutes.filter(({ at }) => at >= until - length && at < until));
      return bucket && statisticOf(bucket, alarm.statistic);
    });
  }

  async #act(alarm: Alarm, action: string, before: AlarmState): Promise<void> {
    const { account, region } = this.#cloud;
    const message = notification(alarm, before, account, region);
    if (action.startsWith('arn:aws:lambda:')) {
      const principal: Principal = {
        kind: 'service',
        arn: 'lambda.alarms.cloudwatch.amazonaws.com',
        sourceArn: alarm.AlarmArn,
      };
      const Payload = Buffer.from(JSON.stringify(lambdaEvent(alarm, before, account, region)));
      const input = { FunctionName: action, InvocationType: 'Event', Payload };
      await this.#cloud.call({ service: 'lambda', operation: 'Invoke', principal, input });
      return;
    }
    const principal: Principal = { kind: 'service', arn: 'cloudwatch.amazonaws.com', sourceArn: alarm.AlarmArn };
    const Subject = `${alarm.state}: "${alarm.AlarmName}" in ${region}`.slice(0, 100);
    const input = { TopicArn: action, Subject, Message: JSON.stringify(message) };
    await this.#cloud.call({ service: 'sns', operation: 'Publish', principal, input });
  }

  #announce(alarm: Alarm, before: AlarmState): void {
    this.#cloud.publish({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: [alarm.AlarmArn],
      detail: {
        alarmName: alarm.AlarmName,
        state: { value: alarm.state, reason: alarm.reason, timestamp: new Date(alarm.stateChangedAt).toISOString() },
        previousState: { value: before },
      },
    });
  }
}

function reasonOf(alarm: Alarm, values: readonly (number | undefined)[], state: AlarmState): string {
  const real = values.filter((value) => value !== undefined).slice(0, alarm.EvaluationPeriods);
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${alarm.EvaluationPeriods} datapoints were unknown.`;
  const comparison = alarm.ComparisonOperator.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return `Threshold Crossed: ${real.length} datapoints [${real.join(', ')}] against ${comparison} (${alarm.Threshold}).`;
}

const notification = (alarm: Alarm, before: AlarmState, account: string, region: string) => ({
  AlarmName: alarm.AlarmName,
  AlarmDescription: alarm.AlarmDescription ?? null,
  AWSAccountId: account,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt).toISOString(),
  NewStateValue: alarm.state,
  NewStateReason: alarm.reason,
  StateChangeTime: new Date(alarm.stateChangedAt).toISOString(),
  Region: region,
  AlarmArn: alarm.AlarmArn,
  OldStateValue: before,
  OKActions: alarm.OKActions,
  AlarmActions: alarm.AlarmActions,
  InsufficientDataActions: alarm.InsufficientDataActions,
  Trigger: {
    MetricName: alarm.MetricName,
    Namespace: alarm.Namespace,
    Statistic: alarm.statistic.toUpperCase(),
    Unit: alarm.Unit ?? null,
    Dimensions: alarm.Dimensions.map(({ Name, Value }) => ({ name: Name, value: Value })),
    Period: alarm.Period,
    EvaluationPeriods: alarm.EvaluationPeriods,
    DatapointsToAlarm: alarm.DatapointsToAlarm,
    ComparisonOperator: alarm.ComparisonOperator,
    Threshold: alarm.Threshold,
    TreatMissingData: alarm.TreatMissingData,
  },
});

const lambdaEvent = (alarm: Alarm, before: AlarmState, account: string, region: string) => ({
  source: 'aws.cloudwatch',
  alarmArn: alarm.AlarmArn,
  accountId: account,
  time: new Date(alarm.stateChangedAt).toISOString(),
  region,
  alarmData: {
    alarmName: alarm.AlarmName,
    state: { value: alarm.state, reason: alarm.reason, timestamp: new Date(alarm.stateChangedAt).toISOString() },
    previousState: { value: before },
    configuration: { description: alarm.AlarmDescription },
  },
});
