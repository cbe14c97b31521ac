import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import type { Integration, TaskCall } from '../interpreter/ports.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import { type Caller, epochMilliseconds, pascalCase, sdkMetadata, toJson } from './caller.ts';
import { alreadyMade, alreadyUpdated } from './repeated-calls.ts';
import { waitForEvent } from './wait-for-event.ts';

/** A kind of SageMaker job that `.sync` waits for. */
interface JobKind {
  /** `TrainingJob`: the members TrainingJobName and TrainingJobStatus, the operations Describe… and Stop…. */
  readonly noun: string;
  /** In the job's ARN. */
  readonly resourceType: string;
  readonly detailType: string;
  /** The managed rule through which Step Functions hears of the job's end. */
  readonly rule: string;
}

const JOBS = new Map<string, JobKind>([
  [
    'createTrainingJob',
    {
      noun: 'TrainingJob',
      resourceType: 'training-job',
      detailType: 'SageMaker Training Job State Change',
      rule: 'StepFunctionsGetEventsForSageMakerTrainingJobsRule',
    },
  ],
  [
    'createTransformJob',
    {
      noun: 'TransformJob',
      resourceType: 'transform-job',
      detailType: 'SageMaker Transform Job State Change',
      rule: 'StepFunctionsGetEventsForSageMakerTransformJobsRule',
    },
  ],
  [
    'createProcessingJob',
    {
      noun: 'ProcessingJob',
      resourceType: 'processing-job',
      detailType: 'SageMaker Processing Job State Change',
      rule: 'StepFunctionsGetEventsForSageMakerProcessingJobsRule',
    },
  ],
  [
    'createHyperParameterTuningJob',
    {
      noun: 'HyperParameterTuningJob',
      resourceType: 'hyper-parameter-tuning-job',
      detailType: 'SageMaker HyperParameter Tuning Job State Change',
      rule: 'StepFunctionsGetEventsForSageMakerTuningJobsRule',
    },
  ],
]);

/** Operations that `arn:aws:states:::sagemaker:…` offers beside the jobs. */
const OPERATIONS = new Set(['createEndpoint', 'createEndpointConfig', 'createModel', 'updateEndpoint']);

const MODELED = new Set(['ConflictException', 'ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound']);

const nameError = (code: string): string => {
  if (!MODELED.has(code)) return 'SageMaker.AmazonSageMakerException';
  return `SageMaker.${code.replace(/Exception$/, '')}Exception`;
};

/** `arn:aws:states:::sagemaker:createTrainingJob.sync` and its kin. */
export function sageMakerTask(caller: Caller, resource: string): Integration {
  const pattern = patternOf(resource);
  const operation = resource.replace('arn:aws:states:::sagemaker:', '').replace(/\.sync$/, '');
  const kind = JOBS.get(operation);
  if (pattern === 'token' || (!kind && (pattern === 'sync' || !OPERATIONS.has(operation)))) {
    throw new NotImplementedError(`states:Task Resource ${resource}`);
  }
  const names = {
    events: 'Task',
    resourceType: 'sagemaker',
    resource: resource.split(':').at(-1) ?? '',
    pattern,
  } as const;
  if (!kind || pattern === 'request') return { ...names, submit: (call) => once(caller, operation, call) };
  return { ...names, ...job(caller, operation, kind) };
}

const job = (caller: Caller, operation: string, kind: JobKind): Pick<Integration, 'submit' | 'finish' | 'cancel'> => ({
  async submit(call) {
    await authorizeSync(caller, call, kind);
    try {
      return await create(caller, operation, call);
    } catch (error) {
      // After a restart the job may be there already, made by this very attempt: wait for it.
      const exists = error instanceof Failure && error.error === 'SageMaker.ResourceInUseException';
      if (!exists || !call.repeated) throw error;
      return (await describe(caller, call, kind)) as JsonObject;
    }
  },
  finish: (_submitted, call) => ended(caller, call, kind),
  async cancel(_submitted, call) {
    const name = `${kind.noun}Name`;
    await caller.call(call.execution, 'sagemaker', `Stop${kind.noun}`, { [name]: nameOf(call, kind) }, nameError);
  },
});

/** After a restart the call may have been made already by this very attempt. */
async function once(caller: Caller, operation: string, call: TaskCall): Promise<Json> {
  const updated = await alreadyUpdated(caller, operation, call, nameError);
  if (updated !== undefined) return updated;
  try {
    return await create(caller, operation, call);
  } catch (error) {
    const made = alreadyMade(caller, operation, call, error);
    if (made === undefined) throw error;
    return made;
  }
}

async function create(caller: Caller, operation: string, call: TaskCall): Promise<Json> {
  const output = await caller.call(call.execution, 'sagemaker', pascalCase(operation), call.arguments, nameError);
  const json = (await toJson(output ?? {}, epochMilliseconds)) as JsonObject;
  return { ...json, ...(sdkMetadata(caller.cloud, JSON.stringify(json).length) as unknown as JsonObject) };
}

/** What `.sync` needs beside Create, Describe and Stop: its managed rule, and the tag it puts on the job. */
async function authorizeSync(caller: Caller, call: TaskCall, kind: JobKind): Promise<void> {
  const { account, region } = caller.cloud;
  const jobArn = `arn:aws:sagemaker:${region}:${account}:${kind.resourceType}/${nameOf(call, kind)}`;
  await caller.authorize(
    call.execution,
    [...managedRule(caller, kind.rule), { action: 'sagemaker:AddTags', resource: jobArn }],
    'sagemaker',
    nameError,
  );
}

/** Permissions on the rule that Step Functions manages for the caller. */
export const managedRule = ({ cloud }: Caller, rule: string) =>
  ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'].map((action) => ({
    action,
    resource: `arn:aws:events:${cloud.region}:${cloud.account}:rule/${rule}`,
  }));

const nameOf = (call: TaskCall, kind: JobKind): string =>
  isObject(call.arguments) ? String(call.arguments[`${kind.noun}Name`]) : '';

async function describe(caller: Caller, call: TaskCall, kind: JobKind): Promise<Json> {
  const input = { [`${kind.noun}Name`]: nameOf(call, kind) };
  const output = await caller.call(call.execution, 'sagemaker', `Describe${kind.noun}`, input, nameError);
  return toJson(output, epochMilliseconds);
}

const ended = (caller: Caller, call: TaskCall, kind: JobKind): Promise<Json> =>
  waitForEvent(
    caller,
    call,
    (event) =>
      event.source === 'aws.sagemaker' &&
      event['detail-type'] === kind.detailType &&
      event.detail?.[`${kind.noun}Name`] === nameOf(call, kind),
    async () => {
      const job = (await describe(caller, call, kind)) as JsonObject;
      const status = job[`${kind.noun}Status`];
      if (status === 'Failed' || status === 'Stopped') throw new Failure('States.TaskFailed', JSON.stringify(job));
      return status === 'Completed' ? job : undefined;
    },
  );
