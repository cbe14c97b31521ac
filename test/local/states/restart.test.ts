import { afterEach, describe, expect, it } from '@jest/globals';
import { StatesCloud } from './states-cloud.ts';

let states: StatesCloud;
afterEach(() => states.stop());

const DAY = 86_400_000;

describe('after a restart', () => {
  it('a wait ends when it was to end', async () => {
    states = await StatesCloud.start();
    const arn = await states.machine('m', {
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 3 * 86_400, End: true } },
    });
    const executionArn = await states.startExecution(arn);
    await states.cloud.clock.advance(2 * DAY);
    await states.restart();
    expect(await states.describe(executionArn)).toMatchObject({ status: 'RUNNING' });
    await states.settle(executionArn);
    const { status, startDate, stopDate } = await states.describe(executionArn);
    expect(status).toBe('SUCCEEDED');
    expect(Math.round((stopDate - startDate) / 1000)).toBe(3 * 86_400);
  });

  it('a token is still the one to answer, and its function is not called again', async () => {
    const tokens: string[] = [];
    states = await StatesCloud.start({ ask: ({ token }) => void tokens.push(token) });
    const arn = await states.machine('m', {
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
          TimeoutSeconds: 86_400,
          End: true,
        },
      },
    });
    const executionArn = await states.startExecution(arn);
    await states.cloud.clock.advance(DAY / 2);
    await states.restart();
    await states.cloud.idle();
    await states.call('SendTaskSuccess', { taskToken: tokens[0]!, output: '"yes"' });
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"yes"' });
    expect(tokens).toHaveLength(1);
  });

  it('a job under way is waited for, even where it ended meanwhile', async () => {
    states = await StatesCloud.start();
    const arn = await states.machine('m', {
      StartAt: 'Train',
      States: {
        Train: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync',
          Arguments: { TrainingJobName: 'job-1' },
          Output: '{% $states.result.TrainingJobStatus %}',
          End: true,
        },
      },
    });
    const executionArn = await states.startExecution(arn);
    await states.settle(executionArn);
    const { cloud } = states;
    cloud.store.put('test.jobs', 'job-1', { TrainingJobName: 'job-1', TrainingJobStatus: 'Completed' });
    await states.restart();
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"Completed"' });
  });

  it('a function that had not answered is invoked again', async () => {
    let calls = 0;
    const never = new Promise(() => {});
    states = await StatesCloud.start({ slow: () => (++calls === 1 ? never : 'done') });
    const arn = await states.machine('m', {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { FunctionName: 'slow' },
          Output: '{% $states.result.Payload %}',
          End: true,
        },
      },
    });
    const executionArn = await states.startExecution(arn);
    await new Promise((resolve) => setImmediate(resolve));
    await states.restart();
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(calls).toBe(2);
    expect(await states.types(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('branches and iterations that have ended are not run again', async () => {
    const seen: number[] = [];
    states = await StatesCloud.start({ note: (n) => void seen.push(n) });
    const note = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'note', Payload: '{% $states.input %}' },
      Output: '{% $states.input %}',
    };
    const iteration = {
      StartAt: 'N',
      States: { N: { ...note, Next: 'W' }, W: { Type: 'Wait', Seconds: 60, End: true } },
    };
    const arn = await states.machine('m', {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          End: true,
          Branches: [
            {
              StartAt: 'Each',
              States: {
                Each: { Type: 'Map', Items: [1, 2, 3], MaxConcurrency: 1, ItemProcessor: iteration, End: true },
              },
            },
            {
              StartAt: 'Once',
              States: { Once: { ...note, Arguments: { FunctionName: 'note', Payload: 9 }, Output: 9, End: true } },
            },
          ],
        },
      },
    });
    const executionArn = await states.startExecution(arn);
    await states.cloud.clock.advance(90_000);
    await states.restart();
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '[[1,2,3],9]' });
    expect(seen.toSorted()).toEqual([1, 2, 3, 9]);
  });

  it('a timeout of the whole machine still holds', async () => {
    states = await StatesCloud.start();
    const arn = await states.machine('m', {
      TimeoutSeconds: 100,
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 1000, End: true } },
    });
    const executionArn = await states.startExecution(arn);
    await states.restart();
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'TIMED_OUT' });
    expect((await states.types(executionArn)).at(-1)).toBe('ExecutionTimedOut');
  });
});

describe('an execution that nobody has taken up yet', () => {
  it('is not run twice, and can be stopped', async () => {
    const seen: number[] = [];
    states = await StatesCloud.start({ note: (n) => void seen.push(n) });
    const arn = await states.machine('m', {
      StartAt: 'W',
      States: {
        W: { Type: 'Wait', Seconds: 10, Next: 'N' },
        N: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { FunctionName: 'note', Payload: 1 },
          End: true,
        },
      },
    });
    const [first, second] = [await states.startExecution(arn), await states.startExecution(arn)];
    await states.cloud.resume();
    await states.call('StopExecution', { executionArn: second! });
    await states.settle(first!);
    expect(seen).toEqual([1]);
    expect(await states.describe(second!)).toMatchObject({ status: 'ABORTED' });
  });
});

describe('a redrive', () => {
  it('runs again what failed, with a new token and the count of redrives', async () => {
    const asked: { token: string; redrives: number }[] = [];
    states = await StatesCloud.start({ ask: (event) => void asked.push(event) });
    const arn = await states.machine('m', {
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Output: 1, Next: 'Ask' },
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Arguments: {
            FunctionName: 'ask',
            Payload: {
              token: '{% $states.context.Task.Token %}',
              redrives: '{% $states.context.Execution.RedriveCount %}',
            },
          },
          End: true,
        },
      },
    });
    const executionArn = await states.startExecution(arn);
    await states.settle(executionArn);
    await states.call('SendTaskFailure', { taskToken: asked[0]!.token, error: 'Down' });
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Down',
      redriveStatus: 'REDRIVABLE',
    });

    await states.call('RedriveExecution', { executionArn });
    await states.settle(executionArn);
    const late = states.call('SendTaskSuccess', { taskToken: asked[0]!.token, output: '0' });
    await expect(late).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await states.call('SendTaskSuccess', { taskToken: asked[1]!.token, output: '2' });
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '2', redriveCount: 1 });
    expect(asked.map(({ redrives }) => redrives)).toEqual([0, 1]);
    const again = states.call('RedriveExecution', { executionArn });
    await expect(again).rejects.toMatchObject({ code: 'ExecutionNotRedrivable' });
  });
});
