import type { Cloud, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { type Alarm, type AlarmState, alarmOf } from './alarm.ts';
import type { Alarms } from './alarms.ts';

/** What an alarm is defined by, in the API and in templates. */
export const ALARM_MEMBERS = [
  'AlarmName',
  'AlarmDescription',
  'ActionsEnabled',
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
  'Namespace',
  'MetricName',
  'Dimensions',
  'Statistic',
  'ExtendedStatistic',
  'Period',
  'Unit',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'Threshold',
  'ComparisonOperator',
  'TreatMissingData',
  'Tags',
];

export const alarmArn = ({ region, account }: Pick<Cloud, 'region' | 'account'>, name: string): string =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

/** PutMetricAlarm, DescribeAlarms, SetAlarmState, DeleteAlarms. */
export function alarmOperations(cloud: Cloud, alarms: Alarms): Readonly<Record<string, Operation>> {
  const named =
    (names: (input: Record<string, unknown>) => unknown): Operation['needs'] =>
    ({ operation, input }) => {
      const listed = [names(input) ?? []].flat() as string[];
      const resources = listed.length > 0 ? listed : ['*'];
      return resources.map((name) => ({ action: `cloudwatch:${operation}`, resource: alarmArn(cloud, name) }));
    };
  return {
    PutMetricAlarm: {
      members: ALARM_MEMBERS,
      needs: named(({ AlarmName }) => AlarmName),
      run: async ({ input }) => {
        alarms.put(alarmOf(input, alarmArn(cloud, input.AlarmName), cloud.clock.now(), alarms.find(input.AlarmName)));
        return {};
      },
    },
    DescribeAlarms: {
      members: ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords', 'NextToken'],
      needs: named(({ AlarmNames }) => AlarmNames),
      run: async ({ input }) => describeAlarms(alarms, input),
    },
    SetAlarmState: {
      members: ['AlarmName', 'StateValue', 'StateReason', 'StateReasonData'],
      needs: named(({ AlarmName }) => AlarmName),
      run: async ({ input }) => {
        const state = input.StateValue as AlarmState;
        if (!['OK', 'ALARM', 'INSUFFICIENT_DATA'].includes(state)) {
          throw new ServiceError('ValidationError', `expected StateValue OK, ALARM or INSUFFICIENT_DATA, got ${state}`);
        }
        await alarms.enter(input.AlarmName, state, String(input.StateReason ?? ''));
        return {};
      },
    },
    DeleteAlarms: {
      members: ['AlarmNames'],
      needs: named(({ AlarmNames }) => AlarmNames),
      run: async ({ input }) => {
        for (const name of input.AlarmNames ?? []) alarms.delete(alarms.get(name).AlarmName);
        return {};
      },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: DescribeAlarms' input
function describeAlarms(alarms: Alarms, input: any) {
  const names: readonly string[] | undefined = input.AlarmNames;
  const metricAlarms = input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm');
  const found = alarms
    .list(input.AlarmNamePrefix)
    .filter(
      (alarm) =>
        metricAlarms &&
        (names === undefined || names.length === 0 || names.includes(alarm.AlarmName)) &&
        (input.StateValue === undefined || input.StateValue === alarm.state),
    );
  const start = Number(input.NextToken ?? 0);
  const end = start + Number(input.MaxRecords ?? 50);
  return {
    MetricAlarms: found.slice(start, end).map(describe),
    CompositeAlarms: [],
    ...(end < found.length && { NextToken: String(end) }),
  };
}

function describe({ state, reason, stateChangedAt, configuredAt, watchUntil: _, statistic, ...alarm }: Alarm) {
  return {
    ...alarm,
    [statistic.startsWith('p') ? 'ExtendedStatistic' : 'Statistic']: statistic,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(stateChangedAt),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
  };
}
