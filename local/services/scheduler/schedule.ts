import type { RetryPolicy } from '../../retried-deliveries.ts';
import { type Recurrence, readSchedule } from '../../schedule-expression.ts';
import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';

/** Where a schedule delivers, as the API writes it. */
export interface Target {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
}

/** A schedule, as stored. Times in milliseconds since the epoch. */
export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly enabled: boolean;
  readonly description?: string;
  /** A flexible window is recorded; its start is when the target is called here. */
  readonly window: Readonly<Record<string, unknown>>;
  readonly target: Target;
  readonly deleteAfterCompletion: boolean;
  readonly kmsKeyArn?: string;
  /** Of the request that made it. */
  readonly clientToken?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** The next occurrence; absent where there is none or the schedule is disabled. */
  readonly nextAt?: number;
}

export const DEFAULT_GROUP = 'default';

/** Members of CreateSchedule and UpdateSchedule, and the properties of the CloudFormation resource. */
export const SCHEDULE_MEMBERS = [
  'Name',
  'GroupName',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'EndDate',
  'State',
  'Description',
  'FlexibleTimeWindow',
  'Target',
  'ActionAfterCompletion',
  'KmsKeyArn',
];

const TARGET_MEMBERS = [
  'Arn',
  'RoleArn',
  'Input',
  'RetryPolicy',
  'DeadLetterConfig',
  'SqsParameters',
  'EventBridgeParameters',
];

/** A new rate starts within the minute, which is the precision Scheduler promises. */
const FIRST_DELAY = 60_000;

export const scheduleArn = ({ region, account }: Cloud, group: string, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

export const groupArn = ({ region, account }: Cloud, group: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule-group/${group}`;

/**
 * A schedule from an API input or a template's properties.
 *
 * @throws {ServiceError} ValidationException
 */
// biome-ignore lint/suspicious/noExplicitAny: an input from outside, checked here
export const scheduleFrom = (cloud: Cloud, input: any, createdAt: number): Schedule => {
  const group = input.GroupName ?? DEFAULT_GROUP;
  if (!/^[\w.-]{1,64}$/.test(input.Name ?? '')) throw invalid(`Invalid schedule name: ${input.Name}.`);
  checkWindow(input.FlexibleTimeWindow);
  checkTarget(input.Target);
  checkDates(moment(input.StartDate), moment(input.EndDate));
  const schedule: Schedule = {
    name: input.Name,
    group,
    arn: scheduleArn(cloud, group, input.Name),
    expression: input.ScheduleExpression,
    timeZone: input.ScheduleExpressionTimezone ?? 'UTC',
    startAt: moment(input.StartDate),
    endAt: moment(input.EndDate),
    enabled: (input.State ?? 'ENABLED') === 'ENABLED',
    description: input.Description,
    window: input.FlexibleTimeWindow,
    target: input.Target,
    deleteAfterCompletion: input.ActionAfterCompletion === 'DELETE',
    kmsKeyArn: input.KmsKeyArn,
    clientToken: input.ClientToken,
    createdAt,
    modifiedAt: cloud.clock.now(),
  };
  return { ...schedule, nextAt: nextOccurrence(schedule, cloud.clock.now()) };
};

/** The first occurrence after a moment within the schedule's dates; undefined for a disabled schedule. */
export const nextOccurrence = (schedule: Schedule, after: number): number | undefined => {
  const recurrence = recurrenceOf(schedule); // a disabled schedule's expression must be right too
  if (!schedule.enabled) return undefined;
  const from = recurrence.once ? after : Math.max(after, (schedule.startAt ?? 0) - 1);
  const next = recurrence.next(from);
  const ended = next !== undefined && !recurrence.once && schedule.endAt !== undefined && next > schedule.endAt;
  return ended ? undefined : next;
};

const recurrenceOf = ({ expression, timeZone, startAt, modifiedAt }: Schedule): Recurrence => {
  try {
    return readSchedule(String(expression), timeZone, startAt ?? modifiedAt + FIRST_DELAY);
  } catch (error) {
    throw invalid(`Invalid Schedule Expression ${expression}: ${(error as Error).message}`);
  }
};

// biome-ignore lint/suspicious/noExplicitAny: from outside, checked here
const checkWindow = (window: any): void => {
  const { Mode: mode, MaximumWindowInMinutes: minutes } = window ?? {};
  if (mode !== 'OFF' && mode !== 'FLEXIBLE')
    throw invalid(`expected FlexibleTimeWindow with Mode OFF or FLEXIBLE, got ${mode}`);
  if (mode === 'OFF' && minutes !== undefined)
    throw invalid('expected no MaximumWindowInMinutes for a FlexibleTimeWindow that is OFF');
  if (mode === 'FLEXIBLE' && !(Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440))
    throw invalid(`expected MaximumWindowInMinutes from 1 to 1440, got ${minutes}`);
};

const checkTarget = (target: Readonly<Record<string, unknown>> | undefined): void => {
  if (typeof target?.Arn !== 'string' || typeof target.RoleArn !== 'string') {
    throw invalid('expected Target with Arn and RoleArn');
  }
  if (![target.Arn, target.RoleArn].every((arn) => /^arn:[^:]+:[^:]+:[^:]*:\d*:.+$/.test(String(arn))))
    throw invalid('Provided Arn is not in correct format.');
  checkInput(target.Arn, target.Input);
  checkRetryPolicy((target.RetryPolicy ?? {}) as RetryPolicy);
  const unknown = Object.keys(target).find(
    (member) => target[member] !== undefined && !TARGET_MEMBERS.includes(member),
  );
  if (unknown) throw new NotImplementedError(`scheduler:CreateSchedule Target ${unknown}`);
};

/** Lambda, Step Functions, EventBridge and every universal target take JSON only. */
const checkInput = (arn: string, input: unknown): void => {
  if (input === undefined || !/^arn:[^:]+:(lambda|states|events|scheduler):/.test(arn)) return;
  try {
    JSON.parse(String(input));
  } catch {
    throw invalid(`expected Target Input to be JSON, got ${String(input).slice(0, 60)}`);
  }
};

const checkRetryPolicy = ({ MaximumRetryAttempts, MaximumEventAgeInSeconds }: RetryPolicy): void => {
  checkRange('maximumRetryAttempts', MaximumRetryAttempts, 0, 185);
  checkRange('maximumEventAgeInSeconds', MaximumEventAgeInSeconds, 60, 86_400);
};

const checkRange = (member: string, value: number | undefined, least: number, most: number): void => {
  if (value === undefined || (value >= least && value <= most)) return;
  const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw invalid(
    `1 validation error detected: Value '${value}' at 'target.retryPolicy.${member}' failed to satisfy constraint: Member must have value ${bound}`,
  );
};

const checkDates = (startAt: number | undefined, endAt: number | undefined): void => {
  if (startAt !== undefined && endAt !== undefined && endAt <= startAt)
    throw invalid('expected EndDate to be after StartDate');
};

/** Epoch seconds over HTTP, ISO 8601 in templates and state machines. */
const moment = (value: unknown): number | undefined => {
  if (value === undefined) return undefined;
  const at =
    typeof value === 'number' ? value * 1000 : value instanceof Date ? value.getTime() : Date.parse(String(value));
  if (Number.isNaN(at)) throw invalid(`expected a date, got ${value}`);
  return at;
};

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
