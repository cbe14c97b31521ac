import type { State } from '../definition.ts';
import { EvaluationError, Failure, whileExecuting } from '../failure.ts';
import type { Line } from './line.ts';
import { type Exit, shape } from './steps.ts';

/** Pass and Succeed: the output is what they say it is. */
export const pass = (line: Line, state: State): Promise<Exit> => shape(line, state, {}, line.frame.input);

/** Choice: the first rule whose condition is true, else Default. */
export async function choice(line: Line, state: State): Promise<Exit> {
  for (const [i, rule] of (state.Choices ?? []).entries()) {
    const prefix = `Choices[${i}]/`;
    if (await line.resolveTyped(rule.Condition, `${prefix}Condition`, 'boolean')) {
      return shape(line, rule, {}, line.frame.input, prefix);
    }
  }
  if (state.Default === undefined) {
    throw new Failure(
      'States.Runtime',
      whileExecuting(
        line.frame.state,
        line.frame.enteredEvent,
        'Failed to transition out of the state. The state does not point to a next state.',
      ),
    );
  }
  return shape(line, { ...state, Next: state.Default }, {}, line.frame.input);
}

/** Longest wait, in seconds; what Step Functions allows. */
const LONGEST_WAIT = 99_999_999;

/** An ISO 8601 date and time with its offset from UTC. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2}(:?\d{2})?)?)$/;

/** Wait: until a moment, then on with the same input. */
export async function wait(line: Line, state: State): Promise<Exit> {
  const { frame, run } = line;
  let pending = frame.pending?.kind === 'wait' ? frame.pending : undefined;
  if (!pending) {
    pending = { kind: 'wait', until: await until(line, state) };
    const begun = pending;
    run.commit(() => {
      frame.pending = begun;
      run.save(frame);
    });
  }
  await line.wait(pending.until);
  return shape(line, state, {}, frame.input);
}

async function until(line: Line, state: State): Promise<number> {
  if (state.Seconds !== undefined) {
    const seconds = await line.resolveNumber(state.Seconds, 'Seconds', { least: 0, most: LONGEST_WAIT });
    return line.run.now() + seconds * 1000;
  }
  const text = (await line.resolveTyped(state.Timestamp ?? null, 'Timestamp', 'string')) as string;
  const milliseconds = TIMESTAMP.test(text)
    ? Date.parse(text.replace(/([.,]\d{3})\d*/, '$1').replace(',', '.'))
    : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new EvaluationError(
      'Timestamp',
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    );
  }
  return milliseconds;
}

/** Fail: ends with an error of its own. */
export async function fail(line: Line, state: State): Promise<Exit> {
  const error = state.Error === undefined ? undefined : await line.resolveTyped(state.Error, 'Error', 'string');
  const cause = state.Cause === undefined ? undefined : await line.resolveTyped(state.Cause, 'Cause', 'string');
  throw new Failure(error as string | undefined, cause as string | undefined);
}
