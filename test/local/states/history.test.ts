import { describe, expect, it } from '@jest/globals';
import { execute, type TaskHandler } from '../../../local/services/states/execute.ts';
import { Failure } from '../../../local/services/states/failure.ts';

const TASK = 'arn:aws:states:::lambda:invoke';
const call = (more: object = {}) => ({ Type: 'Task', Resource: TASK, Arguments: {}, End: true, ...more });
const block = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
const down: TaskHandler = () => {
  throw new Failure('Down', 'the other side is asleep');
};

/** Each event as `previous → type`, in order: what a reader of the history follows. */
async function history(states: Record<string, object>, input: unknown = {}): Promise<string[]> {
  const machine = { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states };
  const { history: events } = await execute(machine, input, { [TASK]: down });
  return events.map(({ previousEventId, type }) => `${previousEventId} ${type}`);
}

describe('a failure within a Parallel', () => {
  it('aborts the Task that failed, and fails the state only once no retry is left', async () => {
    const retry = [{ ErrorEquals: ['Down'], MaxAttempts: 1 }];
    expect(
      await history({ Both: { Type: 'Parallel', Branches: [block('Ask', call())], Retry: retry, End: true } }),
    ).toEqual([
      '0 ExecutionStarted',
      '0 ParallelStateEntered',
      '2 ParallelStateStarted',
      '3 TaskStateEntered',
      '4 TaskScheduled',
      '5 TaskStarted',
      '6 TaskFailed',
      '7 TaskStateAborted',
      '7 ParallelStateStarted',
      '9 TaskStateEntered',
      '10 TaskScheduled',
      '11 TaskStarted',
      '12 TaskFailed',
      '13 TaskStateAborted',
      '13 ParallelStateFailed',
      '15 ExecutionFailed',
    ]);
  });

  it('is told a second time where what catches it fails too', async () => {
    const states = {
      Both: {
        Type: 'Parallel',
        Branches: [block('Stop', { Type: 'Fail', Error: 'Down' })],
        Catch: [{ ErrorEquals: ['Down'], Output: '{% $states.input.nothing %}', Next: 'After' }],
        End: true,
      },
      After: { Type: 'Succeed' },
    };
    expect((await history(states)).slice(3)).toEqual([
      '3 FailStateEntered',
      '4 ParallelStateFailed',
      '4 EvaluationFailed',
      '6 ParallelStateFailed',
      '7 ExecutionFailed',
    ]);
  });

  it('has no details beyond its error at the end', async () => {
    const branch = block('Stop', { Type: 'Fail', Error: 'Down', Cause: 'asleep' });
    const machine = { QueryLanguage: 'JSONata', ...block('Both', { Type: 'Parallel', Branches: [branch], End: true }) };
    const { history: events } = await execute(machine, {});
    expect(events.at(-2)).toEqual({
      id: 5,
      previousEventId: 4,
      timestamp: expect.any(Number),
      type: 'ParallelStateFailed',
    });
    expect(events.at(-1)?.executionFailedEventDetails).toEqual({ error: 'Down', cause: 'asleep' });
  });
});

describe('iterations of a Map', () => {
  const map = (state: object, more: object = {}) => ({
    Each: { Type: 'Map', Items: [1, 2], ItemProcessor: block('One', state), MaxConcurrency: 1, End: true, ...more },
  });

  it('go on one after the other from where the one before left off', async () => {
    expect((await history(map({ Type: 'Pass', End: true }))).slice(3)).toEqual([
      '3 MapIterationStarted',
      '4 PassStateEntered',
      '5 PassStateExited',
      '6 MapIterationSucceeded',
      '6 MapIterationStarted',
      '8 PassStateEntered',
      '9 PassStateExited',
      '10 MapIterationSucceeded',
      '11 MapStateSucceeded',
      '11 MapStateExited',
      '13 ExecutionSucceeded',
    ]);
  });

  it('start together from the start of the Map where they may run together', async () => {
    const events = await history(map({ Type: 'Pass', End: true }, { MaxConcurrency: 2 }));
    expect(events.filter((event) => event.endsWith('MapIterationStarted'))).toEqual([
      '3 MapIterationStarted',
      '3 MapIterationStarted',
    ]);
  });

  it('fail once, with the failed expression told in the iteration only', async () => {
    const events = await history(map({ Type: 'Pass', Output: '{% $states.input.nothing %}', End: true }));
    expect(events.slice(3)).toEqual([
      '3 MapIterationStarted',
      '4 PassStateEntered',
      '5 EvaluationFailed',
      '6 MapIterationFailed',
      '6 MapStateFailed',
      '8 ExecutionFailed',
    ]);
  });

  it('are none for no items', async () => {
    expect((await history(map({ Type: 'Pass', End: true }, { Items: [] }))).slice(2)).toEqual([
      '2 MapStateStarted',
      '3 MapStateSucceeded',
      '3 MapStateExited',
      '5 ExecutionSucceeded',
    ]);
  });
});

describe('an expression that fails', () => {
  it('is told with its place and its state, once per attempt', async () => {
    const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }];
    const state = call({ Arguments: { who: '{% $states.input.nobody %}' }, Retry: retry });
    const { history: events } = await execute(
      { QueryLanguage: 'JSONata', ...block('Ask', state) },
      {},
      { [TASK]: down },
    );
    const told = events.filter(({ type }) => type === 'EvaluationFailed');
    expect(told).toHaveLength(2);
    expect(told[0]?.evaluationFailedEventDetails).toEqual({
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'Ask' (entered at the event id #2). The JSONata expression '$states.input.nobody' specified for the field 'Arguments/who' returned nothing (undefined).",
      location: 'Arguments/who',
      state: 'Ask',
    });
  });
});
