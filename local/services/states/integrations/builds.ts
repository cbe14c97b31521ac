import { randomUUID } from 'node:crypto';
import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import type { Integration, TaskCall } from '../interpreter/ports.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import {
  type Caller,
  camelCase,
  epochMilliseconds,
  exceptionClass,
  pascalCase,
  renameKeys,
  sdkMetadata,
  toJson,
} from './caller.ts';
import { managedRule } from './jobs.ts';
import { waitForEvent } from './wait-for-event.ts';

const RULE = 'StepFunctionsGetEventsForCodeBuildRule';

const OPERATIONS = new Set(['startBuild', 'stopBuild', 'batchGetBuilds']);

const MODELED = new Set(['AccountLimitExceededException', 'InvalidInputException', 'ResourceNotFoundException']);

const nameError = (code: string): string =>
  `CodeBuild.${MODELED.has(exceptionClass(code)) ? exceptionClass(code) : 'AWSCodeBuildException'}`;

/** `arn:aws:states:::codebuild:startBuild`, with `.sync`, and its kin. */
export function codeBuildTask(caller: Caller, resource: string): Integration {
  const [, operation = '', sync] = /^arn:aws:states:::codebuild:([a-zA-Z]+)(\.sync)?$/.exec(resource) ?? [];
  if (!OPERATIONS.has(operation) || (sync && operation !== 'startBuild')) {
    throw new NotImplementedError(`states:Task Resource ${resource}`);
  }
  return {
    events: 'Task',
    resourceType: 'codebuild',
    resource: `${operation}${sync ?? ''}`,
    pattern: patternOf(resource),
    // The token keeps a repetition after a restart from starting a second build.
    complete: (args) =>
      operation === 'startBuild' && isObject(args) && args.IdempotencyToken === undefined
        ? { ...args, IdempotencyToken: randomUUID() }
        : args,
    async submit(call) {
      if (sync) await caller.authorize(call.execution, managedRule(caller, RULE), 'codebuild', nameError);
      const json = await ask(caller, call, operation, call.arguments);
      return { ...json, ...(sdkMetadata(caller.cloud, JSON.stringify(json).length) as unknown as JsonObject) };
    },
    finish: (submitted, call) => ended(caller, call, idOf(submitted)),
    cancel: async (submitted, call) => void (await ask(caller, call, 'stopBuild', { Id: idOf(submitted) })),
  };
}

const idOf = (submitted: Json): string =>
  isObject(submitted) && isObject(submitted.Build) ? String(submitted.Build.Id) : '';

async function ask(caller: Caller, call: TaskCall, operation: string, args: Json): Promise<JsonObject> {
  const input = renameKeys(args, camelCase);
  const output = await caller.call(call.execution, 'codebuild', pascalCase(operation), input, nameError);
  return renameKeys(await toJson(output, epochMilliseconds), pascalCase) as JsonObject;
}

const ended = (caller: Caller, call: TaskCall, id: string): Promise<Json> =>
  waitForEvent(
    caller,
    call,
    ({ source, detail }) => source === 'aws.codebuild' && String(detail?.['build-id']).endsWith(`:build/${id}`),
    async () => {
      const { Builds } = await ask(caller, call, 'batchGetBuilds', { Ids: [id] });
      const [build] = Builds as readonly JsonObject[];
      if (build?.BuildStatus === 'IN_PROGRESS') return undefined;
      if (build?.BuildStatus !== 'SUCCEEDED') throw new Failure('States.TaskFailed', JSON.stringify({ Build: build }));
      return { Build: build };
    },
  );
