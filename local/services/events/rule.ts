import { checkPattern, type EventPattern } from '../../event-pattern.ts';
import type { RetryPolicy } from '../../retried-deliveries.ts';
import { readSchedule } from '../../schedule-expression.ts';
import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';

/** A rule of the default bus, as stored. Times in milliseconds since the epoch. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern?: EventPattern;
  readonly scheduleExpression?: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly roleArn?: string;
  readonly createdAt: number;
  /** The next occurrence of a schedule. */
  readonly nextAt?: number;
}

/** A target, as the API writes it. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly RetryPolicy?: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

const TARGET_MEMBERS = [
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'RetryPolicy',
  'DeadLetterConfig',
  'SqsParameters',
];

/** Rules of these names belong to Step Functions, which follows its jobs itself here: they are kept, and deliver nothing. */
export const isManaged = (name: string): boolean => name.startsWith('StepFunctionsGetEventsFor');

export const ruleArn = ({ region, account }: Cloud, name: string): string =>
  `arn:aws:events:${region}:${account}:rule/${name}`;

/**
 * A rule from an API input or a template's properties.
 *
 * @throws {ServiceError} ValidationException, InvalidEventPatternException
 */
// biome-ignore lint/suspicious/noExplicitAny: an input from outside, checked here
export const ruleFrom = (cloud: Cloud, input: any): Rule => {
  if (!/^[\w.-]{1,64}$/.test(input.Name ?? '')) throw invalid(`Invalid rule name: ${input.Name}.`);
  if (input.EventPattern === undefined && input.ScheduleExpression === undefined) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  const now = cloud.clock.now();
  const rule: Rule = {
    name: input.Name,
    arn: ruleArn(cloud, input.Name),
    pattern: input.EventPattern === undefined ? undefined : readPattern(input.EventPattern),
    scheduleExpression: input.ScheduleExpression,
    enabled: (input.State ?? 'ENABLED') !== 'DISABLED',
    description: input.Description,
    roleArn: input.RoleArn,
    createdAt: now,
  };
  return { ...rule, nextAt: nextOccurrence(rule, now) };
};

export const nextOccurrence = (rule: Rule, after: number): number | undefined => {
  if (rule.scheduleExpression === undefined || !rule.enabled || isManaged(rule.name)) return undefined;
  try {
    if (/^rate\((1 \w+s|(?!1 )\d+ \w+(?<!s))\)$/.test(rule.scheduleExpression))
      throw new RangeError('expected a singular unit after 1 and a plural one after any other number');
    if (rule.scheduleExpression.startsWith('at(')) throw new RangeError('expected rate(…) or cron(…)');
    return readSchedule(rule.scheduleExpression, 'UTC', rule.createdAt + 60_000).next(after);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`Parameter ScheduleExpression is not valid: ${error.message}.`);
  }
};

/** JSON text over the API, an object in templates. */
const readPattern = (given: unknown): EventPattern => {
  try {
    return checkPattern(typeof given === 'string' ? JSON.parse(given) : given);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${(error as Error).message}`,
    );
  }
};

/** @throws {ServiceError} NotImplemented, ValidationException */
// biome-ignore lint/suspicious/noExplicitAny: an input from outside, checked here
export const targetFrom = (input: any): Target => {
  const unknown = Object.keys(input).find((member) => input[member] !== undefined && !TARGET_MEMBERS.includes(member));
  if (unknown) throw new NotImplementedError(`events:PutTargets ${unknown}`);
  if (!input.Id || !input.Arn) throw invalid('expected targets with Id and Arn');
  if (!['lambda', 'sqs', 'sns', 'states'].includes(String(input.Arn).split(':')[2]!)) {
    throw new NotImplementedError(`events:PutTargets ${input.Arn}`);
  }
  const inputs = ['Input', 'InputPath', 'InputTransformer'].filter((member) => input[member] !== undefined);
  if (inputs.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${input.Id}.`);
  if (input.Input !== undefined) checkJson(input);
  return input;
};

const checkJson = ({ Id, Input }: { Id: string; Input: string }): void => {
  try {
    JSON.parse(Input);
  } catch {
    throw invalid(`JSON syntax error in input for target ${Id}.`);
  }
};

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
