import { describe, expect, it } from '@jest/globals';
import { execute, type TaskHandler } from '../../../local/services/states/execute.ts';
import { Failure } from '../../../local/services/states/failure.ts';

const TASK = 'arn:aws:states:::lambda:invoke';
const machine = (states: Record<string, object>) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});
const task = (more: object = {}) => ({
  Type: 'Task',
  Resource: TASK,
  Arguments: '{% $states.input %}',
  End: true,
  ...more,
});
const run = (states: Record<string, object>, input: unknown = {}, handler?: TaskHandler) =>
  execute(machine(states), input, handler ? { [TASK]: handler } : {});
const evaluate = async (expression: string, input: unknown = {}) =>
  (await run({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } }, input)).output;

const failing = (...errors: (string | undefined)[]): TaskHandler => {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error) throw new Failure(error, 'why');
    return 'done';
  };
};

describe('data through a workflow', () => {
  it('is input, result, variables and context', async () => {
    const { output, path } = await run(
      {
        A: task({
          Assign: { seen: '{% $states.result.n %}', name: '{% $states.context.State.Name %}' },
          Output: 7,
          Next: 'B',
          End: undefined,
        }),
        B: { Type: 'Pass', Assign: { seen: 0, before: '{% $seen %}' }, Next: 'C' },
        C: {
          Type: 'Pass',
          Output: { in: '{% $states.input %}', seen: '{% $seen %}', before: '{% $before %}', name: '{% $name %}' },
          End: true,
        },
      },
      { n: 5 },
      (args) => args,
    );
    expect(output).toEqual({ in: 7, seen: 0, before: 5, name: 'A' });
    expect(path).toEqual(['A', 'B', 'C']);
  });

  it('keeps what a branch assigns in the branch', async () => {
    const { status, cause } = await run({
      P: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'X', States: { X: { Type: 'Pass', Assign: { inner: 1 }, End: true } } }],
        Next: 'A',
      },
      A: { Type: 'Pass', Output: '{% $inner %}', End: true },
    });
    expect(status).toBe('FAILED');
    expect(cause).toContain(
      "The JSONata expression '$inner' specified for the field 'Output' returned nothing (undefined).",
    );
  });

  it('has the functions that Step Functions adds to JSONata, and no $eval', async () => {
    expect(await evaluate('$partition([1..5], 2)')).toEqual([[1, 2], [3, 4], [5]]);
    expect(await evaluate('$range(0, 10, 5)')).toEqual([0, 5, 10]);
    expect(await evaluate('$range(3, 1, -1)')).toEqual([3, 2, 1]);
    expect(await evaluate("$hash('a', 'SHA-256')")).toMatch(/^ca978112ca1bbdca/);
    expect(await evaluate('$random(7) = $random(7) and $random() < 1')).toBe(true);
    expect(await evaluate('$uuid()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(await evaluate('$parse(\'{"a":[1]}\').a[0]')).toBe(1);
    expect(await evaluate('$now()')).toMatch(/^2030-01-01T00:00:00/);
    const { error, cause } = await run({ A: { Type: 'Pass', Output: "{% $eval('1+1') %}", End: true } });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("specified for the field 'Output' threw an error during evaluation. T1006: ");
  });

  it('names the place of a wrong expression', async () => {
    const { cause, history } = await run({
      A: { Type: 'Pass', Output: { list: [1, { v: '{% $nothing %}' }] }, End: true },
    });
    expect(cause).toBe(
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nothing' specified for the field 'Output/list[1]/v' returned nothing (undefined).",
    );
    expect(history.at(-2)).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { location: 'Output/list[1]/v', state: 'A' },
    });
  });

  it('ends an expression that would run for ever', async () => {
    const { error, cause } = await run({
      A: { Type: 'Pass', Output: '{% ($f := function($x){ $f($x + 1) }; $f(1)) %}', End: true },
    });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain('at most 1000000 steps');
  });

  it('may be 256 KiB from state to state', async () => {
    const grow = (length: number) =>
      run({ A: { Type: 'Pass', Output: `{% $pad('', ${length}, 'x') %}`, Catch: undefined, End: true } });
    expect((await grow(262_142)).status).toBe('SUCCEEDED');
    expect(await grow(262_143)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('a choice', () => {
  it('fails where nothing matches and no default is there', async () => {
    const { error, cause } = await run({
      A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }] },
      B: { Type: 'Succeed' },
    });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain('Failed to transition out of the state. The state does not point to a next state.');
  });

  it('takes booleans only', async () => {
    const { error, cause } = await run({
      A: { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'B' }], Default: 'B' },
      B: { Type: 'Succeed' },
    });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(
      `the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: "yes"`,
    );
  });
});

describe('a failing task', () => {
  it('is tried again after growing delays, and counts its tries', async () => {
    const counts: unknown[] = [];
    const retry = [{ ErrorEquals: ['Down'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 }];
    const fail = failing('Down', 'Down', 'Down');
    const { status, seconds, transitions } = await run(
      { A: task({ Arguments: '{% $states.context.State.RetryCount %}', Retry: retry }) },
      {},
      (count, context) => {
        counts.push(count);
        return fail(count, context);
      },
    );
    expect(status).toBe('SUCCEEDED');
    expect(Math.round(seconds)).toBe(2 + 6 + 10);
    expect(counts).toEqual([0, 1, 2, 3]);
    expect(transitions).toBe(4);
  });

  it('keeps a budget per retrier', async () => {
    const retry = [
      { ErrorEquals: ['A'], MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 2 },
    ];
    expect(await run({ T: task({ Retry: retry }) }, {}, failing('A', 'B', 'B'))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run({ T: task({ Retry: retry }) }, {}, failing('A', 'B', 'A'))).toMatchObject({
      status: 'FAILED',
      error: 'A',
    });
  });

  it('waits a random part of the delay with full jitter', async () => {
    const retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100, JitterStrategy: 'FULL' }];
    const { seconds } = await execute(
      machine({ A: task({ Retry: retry }) }),
      {},
      { [TASK]: failing('Down') },
      { random: () => 0.25 },
    );
    expect(Math.round(seconds)).toBe(25);
  });

  it('is caught with its error, by name before wildcards', async () => {
    const { path, output } = await run(
      {
        A: task({
          Catch: [
            { ErrorEquals: ['Other'], Next: 'No' },
            {
              ErrorEquals: ['States.TaskFailed'],
              Assign: { why: '{% $states.errorOutput.Cause %}' },
              Output: '{% $states.errorOutput.Error %}',
              Next: 'Caught',
            },
          ],
        }),
        No: { Type: 'Fail' },
        Caught: { Type: 'Pass', Output: { error: '{% $states.input %}', why: '{% $why %}' }, End: true },
      },
      {},
      failing('Down'),
    );
    expect(path).toEqual(['A', 'Caught']);
    expect(output).toEqual({ error: 'Down', why: 'why' });
  });

  it('that timed out is no failed task to a wildcard for those', async () => {
    const states = {
      A: task({
        Resource: `${TASK}.waitForTaskToken`,
        TimeoutSeconds: 60,
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Next: 'Failed' },
          { ErrorEquals: ['States.Timeout'], Next: 'Late' },
        ],
      }),
      Failed: { Type: 'Fail' },
      Late: { Type: 'Succeed' },
    };
    const { path, seconds, output } = await execute(machine(states), {}, { [`${TASK}.waitForTaskToken`]: () => null });
    expect(path).toEqual(['A', 'Late']);
    expect(Math.round(seconds)).toBe(60);
    expect(output).toEqual({ Error: 'States.Timeout', Cause: '' });
  });

  it('is answered from outside by its token', async () => {
    const { output, seconds } = await execute(
      machine({ A: task({ Resource: `${TASK}.waitForTaskToken`, HeartbeatSeconds: 50 }) }),
      {},
      {
        [`${TASK}.waitForTaskToken`]: (_args, context) => {
          context.after(40, () => context.sendTaskHeartbeat(context.token));
          context.after(80, () => context.sendTaskSuccess(context.token, { ok: true }));
        },
      },
    );
    expect(output).toEqual({ ok: true });
    expect(Math.round(seconds)).toBe(80);
  });
});

describe('several lines of control', () => {
  const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });

  it('run at the same time and give their outputs in order', async () => {
    const { output, seconds } = await run({
      P: {
        Type: 'Parallel',
        Branches: [
          branch('Slow', { Type: 'Wait', Seconds: 50, Output: 'slow', End: true }),
          branch('Quick', { Type: 'Wait', Seconds: 5, Output: 'quick', End: true }),
        ],
        End: true,
      },
    });
    expect(output).toEqual(['slow', 'quick']);
    expect(Math.round(seconds)).toBe(50);
  });

  it('end with the first that fails, and the history says what became of the others', async () => {
    const { path, history, seconds } = await run({
      P: {
        Type: 'Parallel',
        Branches: [
          branch('Slow', { Type: 'Wait', Seconds: 50, End: true }),
          branch('Bad', { Type: 'Fail', Error: 'Nope' }),
        ],
        Catch: [{ ErrorEquals: ['Nope'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    expect(path).toEqual(['P', 'Slow', 'Bad', 'Caught']);
    expect(seconds).toBeLessThan(1);
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'WaitStateEntered',
      'FailStateEntered',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('see their item, at most so many at a time', async () => {
    let now = 0;
    let most = 0;
    const { output, seconds } = await run(
      {
        M: {
          Type: 'Map',
          Items: '{% [10, 20, 30, 40] %}',
          MaxConcurrency: 2,
          ItemSelector: { at: '{% $states.context.Map.Item.Index %}', value: '{% $states.context.Map.Item.Value %}' },
          ItemProcessor: {
            StartAt: 'W',
            States: { W: { Type: 'Wait', Seconds: 10, Next: 'T' }, T: task({ Output: '{% $states.result %}' }) },
          },
          End: true,
        },
      },
      {},
      ({ at, value }) => {
        most = Math.max(most, ++now);
        now--;
        return at + value;
      },
    );
    expect(output).toEqual([10, 21, 32, 43]);
    expect(Math.round(seconds)).toBe(20);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('fail as one iteration fails, and are tried again as a whole', async () => {
    const fail = failing(undefined, 'Down');
    const { output, history } = await run(
      {
        M: {
          Type: 'Map',
          Items: [1, 2],
          MaxConcurrency: 1,
          ItemProcessor: { StartAt: 'T', States: { T: task() } },
          Retry: [{ ErrorEquals: ['Down'], MaxAttempts: 1 }],
          End: true,
        },
      },
      {},
      fail,
    );
    expect(output).toEqual(['done', 'done']);
    const types = history.map(({ type }) => type);
    expect(types.filter((type) => type === 'MapStateStarted')).toHaveLength(2);
    expect(types).toContain('MapIterationFailed');
  });
});

describe('limits', () => {
  it('end a loop at 25,000 events', async () => {
    const { status, error, cause, history } = await run({
      A: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'A' }], Default: 'B' },
      B: { Type: 'Succeed' },
    });
    expect({ status, error, cause }).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(history.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed', previousEventId: 24_999 });
  });

  it('refuse a definition that is none, with the reason', async () => {
    const states = { A: { Type: 'Pass', Next: 'Nowhere' } };
    await expect(run(states)).rejects.toThrow(/Nowhere/);
    await expect(run({ A: { Type: 'Pass', Output: '{% 1 + %}', End: true } })).rejects.toThrow(
      /Unexpected end of expression/,
    );
  });

  it('name a task that nothing handles', async () => {
    await expect(run({ A: task() })).rejects.toThrow(`expected a handler for ${TASK}, got none`);
  });
});
