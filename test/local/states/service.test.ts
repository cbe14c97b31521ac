import { afterEach, describe, expect, it } from '@jest/globals';
import { StatesCloud } from './states-cloud.ts';

let states: StatesCloud;
afterEach(() => states.stop());

let token = '';
const remember = (event: { token: string }) => {
  token = event.token;
};

const invoke = (FunctionName: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName, Payload: '{% $states.input %}' },
  End: true,
  ...more,
});

const approval = (more: object = {}) => ({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      End: true,
      ...more,
    },
  },
});

describe('an execution', () => {
  it('invokes a function and returns what it answered', async () => {
    states = await StatesCloud.start({ double: ({ n }) => ({ n: n * 2 }) });
    const end = await states.run(
      { StartAt: 'A', States: { A: invoke('double', { Output: '{% $states.result.Payload %}' }) } },
      { n: 21 },
    );
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '{"n":42}' });
    expect(states.reported).toEqual([]);
  });

  it("fails under the function's own error, with its payload as the cause", async () => {
    states = await StatesCloud.start({
      broken: () => {
        throw Object.assign(new Error('too few rows'), { name: 'TooFewRowsError' });
      },
    });
    const end = await states.run({ StartAt: 'A', States: { A: invoke('broken') } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'TooFewRowsError' });
    expect(JSON.parse(end.cause)).toEqual({ errorType: 'TooFewRowsError', errorMessage: 'too few rows' });
    expect(await states.types(end.executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'ExecutionFailed',
    ]);
  });

  it('is denied what its role may not do', async () => {
    states = await StatesCloud.start({ double: () => 1 }, ['sqs:*']);
    const end = await states.run({ StartAt: 'A', States: { A: invoke('double') } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(end.cause).toContain('lambda:InvokeFunction');
  });

  it('cannot hide what the local cloud does not implement behind a catch', async () => {
    states = await StatesCloud.start();
    const end = await states.run({
      StartAt: 'A',
      States: {
        A: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:sagemaker:listEndpoints',
          Arguments: {},
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
          End: true,
        },
        B: { Type: 'Succeed' },
      },
    });
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'NotImplemented: sagemaker:ListEndpoints',
    });
    expect(states.reported.join()).toContain('sagemaker:ListEndpoints');
  });

  it('is not even possible where its machine needs what is not there', async () => {
    states = await StatesCloud.start();
    const activity = { Type: 'Task', Resource: 'arn:aws:states:eu-west-1:000000000000:activity:a', End: true };
    const created = states.machine('m', { StartAt: 'A', States: { A: activity } });
    await expect(created).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('has a name of its own for 90 days, and starting it twice with the same input is once', async () => {
    states = await StatesCloud.start({ ask: () => null });
    const arn = await states.machine('m', approval());
    const first = await states.startExecution(arn, { a: 1 }, 'run-1');
    expect(await states.startExecution(arn, { a: 1 }, 'run-1')).toBe(first);
    await expect(states.startExecution(arn, { a: 2 }, 'run-1')).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    await states.call('StopExecution', { executionArn: first });
    await expect(states.startExecution(arn, { a: 1 }, 'run-1')).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    await states.cloud.clock.advance(91 * 86_400_000);
    expect(await states.startExecution(arn, { a: 2 }, 'run-1')).toBe(first);
  });

  it('tells EventBridge how it goes', async () => {
    states = await StatesCloud.start();
    const seen: string[] = [];
    states.cloud.onEvent(({ source, detail }) => seen.push(`${source} ${detail.status}`));
    await states.run({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
    expect(seen).toEqual(['aws.states RUNNING', 'aws.states SUCCEEDED']);
  });
});

describe('a task that waits for its token', () => {
  it('goes on with what the answer says, once', async () => {
    states = await StatesCloud.start({ ask: remember });
    const executionArn = await states.startExecution(await states.machine('m', approval()));
    await states.settle(executionArn);
    await states.cloud.clock.advance(3 * 86_400_000);
    await states.call('SendTaskSuccess', { taskToken: token, output: '{"decision":"Approved"}' });
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"decision":"Approved"}',
    });
    expect(await states.types(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    const again = states.call('SendTaskSuccess', { taskToken: token, output: '{}' });
    await expect(again).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  it('takes an answer that comes before the function has returned', async () => {
    states = await StatesCloud.start({
      ask: async ({ token }) => {
        await states.call('SendTaskSuccess', { taskToken: token, output: '1' });
        throw new Error('died after answering');
      },
    });
    expect(await states.run(approval())).toMatchObject({ status: 'SUCCEEDED', output: '1' });
  });

  it('times out, and then refuses the answer', async () => {
    states = await StatesCloud.start({ ask: remember });
    const end = await states.run(approval({ TimeoutSeconds: 3600 }));
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(end.stopDate - end.startDate).toBeGreaterThanOrEqual(3_600_000);
    const late = states.call('SendTaskSuccess', { taskToken: token, output: '{}' });
    await expect(late).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  it('lives on as long as it beats', async () => {
    states = await StatesCloud.start({ ask: remember });
    const executionArn = await states.startExecution(await states.machine('m', approval({ HeartbeatSeconds: 60 })));
    for (let i = 0; i < 3; i++) {
      await states.cloud.clock.advance(50_000);
      await states.call('SendTaskHeartbeat', { taskToken: token });
    }
    expect(await states.describe(executionArn)).toMatchObject({ status: 'RUNNING' });
    await states.cloud.clock.advance(61_000);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('knows a wrong token', async () => {
    states = await StatesCloud.start();
    const wrong = states.call('SendTaskFailure', { taskToken: 'no-token' });
    await expect(wrong).rejects.toMatchObject({ code: 'InvalidToken' });
  });
});

describe('a training job in a workflow', () => {
  const train = (name: string, more: object = {}) => ({
    StartAt: 'Train',
    States: {
      Train: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
        Arguments: { TrainingJobName: name },
        End: true,
        ...more,
      },
    },
  });

  it('is waited for, and its description is the result', async () => {
    states = await StatesCloud.start();
    const executionArn = await states.startExecution(await states.machine('m', train('job-1')));
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'RUNNING' });
    await states.call('EndJob', { TrainingJobName: 'job-1', Status: 'Completed' }, 'sagemaker');
    await states.settle(executionArn);
    const end = await states.describe(executionArn);
    expect(JSON.parse(end.output)).toEqual({
      TrainingJobName: 'job-1',
      TrainingJobStatus: 'Completed',
      CreationTime: 1_900_000_000_000,
    });
  });

  it('fails the task with its description as the cause', async () => {
    states = await StatesCloud.start();
    const executionArn = await states.startExecution(await states.machine('m', train('job-1')));
    await states.settle(executionArn);
    await states.call('EndJob', { TrainingJobName: 'job-1', Status: 'Failed', FailureReason: 'bad data' }, 'sagemaker');
    await states.settle(executionArn);
    const end = await states.describe(executionArn);
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(end.cause)).toMatchObject({ FailureReason: 'bad data' });
  });

  it('names the errors of its API', async () => {
    states = await StatesCloud.start();
    expect(await states.run(train('no-quota'))).toMatchObject({ error: 'SageMaker.ResourceLimitExceededException' });
  });

  it('needs its managed rule, as on AWS', async () => {
    states = await StatesCloud.start({}, ['sagemaker:*']);
    const end = await states.run(train('job-1'));
    expect(end).toMatchObject({ status: 'FAILED', error: 'SageMaker.AmazonSageMakerException' });
    expect(end.cause).toContain('rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule');
  });

  it('is stopped with its execution', async () => {
    states = await StatesCloud.start();
    const executionArn = await states.startExecution(await states.machine('m', train('job-1')));
    await states.settle(executionArn);
    await states.call('StopExecution', { executionArn, cause: 'enough' });
    await states.cloud.idle();
    expect(await states.describe(executionArn)).toMatchObject({ status: 'ABORTED', cause: 'enough' });
    const job = await states.call('DescribeTrainingJob', { TrainingJobName: 'job-1' }, 'sagemaker');
    expect(job.TrainingJobStatus).toBe('Stopped');
  });
});

describe('a nested execution', () => {
  const parent = (child: string, resource: string) => ({
    StartAt: 'Child',
    States: {
      Child: {
        Type: 'Task',
        Resource: `arn:aws:states:::states:startExecution${resource}`,
        Arguments: { StateMachineArn: child, Input: { n: '{% $states.input.n %}' } },
        Output: '{% $states.result.Output %}',
        End: true,
      },
    },
  });

  it.each([
    ['.sync', '"{\\"n\\":1}"'],
    ['.sync:2', '{"n":1}'],
  ])('gives its output through %s', async (variant, output) => {
    states = await StatesCloud.start();
    const child = await states.machine('child', {
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 60, End: true } },
    });
    const end = await states.run(parent(child, variant), { n: 1 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output });
  });

  it('passes on how it failed', async () => {
    states = await StatesCloud.start();
    const child = await states.machine('child', {
      StartAt: 'F',
      States: { F: { Type: 'Fail', Error: 'Nope', Cause: 'why' } },
    });
    const end = await states.run(parent(child, '.sync:2'), { n: 1 });
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(end.cause)).toMatchObject({ Status: 'FAILED', Error: 'Nope', Cause: 'why' });
  });
});
