import { randomUUID } from 'node:crypto';
import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import type { Integration, TaskCall } from '../interpreter/ports.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import {
  type Caller,
  epochMilliseconds,
  exceptionClass,
  pascalCase,
  renameKeys,
  sdkMetadata,
  toJson,
} from './caller.ts';
import { managedRule } from './jobs.ts';
import { waitForEvent } from './wait-for-event.ts';

const RULE = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';

const MODELED = new Set([
  'ExecutionAlreadyExistsException',
  'ExecutionDoesNotExistException',
  'ExecutionLimitExceededException',
  'InvalidArnException',
  'InvalidExecutionInputException',
  'InvalidNameException',
  'StateMachineDeletingException',
  'StateMachineDoesNotExistException',
]);

const nameError = (code: string): string =>
  `StepFunctions.${MODELED.has(exceptionClass(code)) ? exceptionClass(code) : 'AWSStepFunctionsException'}`;

/** `arn:aws:states:::states:startExecution` with its `.sync`, `.sync:2` and `.waitForTaskToken`. */
export function startExecutionTask(caller: Caller, resource: string): Integration {
  const [, variant] =
    /^arn:aws:states:::states:startExecution(\.sync(?::2)?|\.waitForTaskToken)?$/.exec(resource) ?? [];
  if (variant === undefined && resource !== 'arn:aws:states:::states:startExecution') {
    throw new NotImplementedError(`states:Task Resource ${resource}`);
  }
  return {
    events: 'Task',
    resourceType: 'states',
    resource: `startExecution${variant ?? ''}`,
    pattern: patternOf(resource),
    // The same name on each repetition makes StartExecution idempotent.
    complete: (args) => (isObject(args) && args.Name === undefined ? { ...args, Name: randomUUID() } : args),
    async submit(call) {
      if (patternOf(resource) === 'sync') {
        await caller.authorize(call.execution, managedRule(caller, RULE), 'states', nameError);
      }
      return start(caller, call);
    },
    finish: (submitted, call) => ended(caller, call, executionArnOf(submitted), variant === '.sync:2'),
    async cancel(submitted, call) {
      const cause = `The Task state in AWS Step Functions execution [${call.execution.executionArn}] which was managing this resource was aborted`;
      const input = { executionArn: executionArnOf(submitted), cause };
      await caller.call(call.execution, 'states', 'StopExecution', input, nameError);
    },
  };
}

const executionArnOf = (submitted: Json): string => (isObject(submitted) ? String(submitted.ExecutionArn) : '');

async function start(caller: Caller, call: TaskCall): Promise<Json> {
  const { Input = {}, ...rest } = isObject(call.arguments) ? call.arguments : {};
  const input = {
    ...(renameKeys(rest, (key) => key.charAt(0).toLowerCase() + key.slice(1)) as JsonObject),
    input: typeof Input === 'string' ? Input : JSON.stringify(Input),
  };
  let json: JsonObject;
  try {
    const output = await caller.call(call.execution, 'states', 'StartExecution', input, nameError);
    json = renameKeys(await toJson(output, epochMilliseconds), pascalCase) as JsonObject;
  } catch (error) {
    // After a restart the execution may be there already, started by this very attempt, and even have ended.
    const exists = error instanceof Failure && error.error === 'StepFunctions.ExecutionAlreadyExistsException';
    if (!exists || !call.repeated) throw error;
    json = { ExecutionArn: `${String(rest.StateMachineArn).replace(':stateMachine:', ':execution:')}:${rest.Name}` };
  }
  return { ...json, ...(sdkMetadata(caller.cloud, JSON.stringify(json).length) as unknown as JsonObject) };
}

const ended = (caller: Caller, call: TaskCall, executionArn: string, parsed: boolean): Promise<Json> =>
  waitForEvent(
    caller,
    call,
    ({ source, detail }) => source === 'aws.states' && detail?.executionArn === executionArn,
    async () => {
      const output = await caller.call(call.execution, 'states', 'DescribeExecution', { executionArn }, nameError);
      const told = renameKeys(await toJson(output, epochMilliseconds), pascalCase) as JsonObject;
      if (told.Status === 'RUNNING') return undefined;
      if (told.Status !== 'SUCCEEDED') throw new Failure('States.TaskFailed', JSON.stringify(inOrder(told)));
      return parsed ? withParsed(told) : told;
    },
  );

/** Members by name, as the service writes them into a cause. */
const inOrder = (told: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1)));

/** `.sync:2` gives input and output as JSON, `.sync` as text. */
const withParsed = (told: JsonObject): Json => ({
  ...told,
  Input: JSON.parse(String(told.Input)) as Json,
  Output: JSON.parse(String(told.Output)) as Json,
});
