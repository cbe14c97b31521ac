import type { State } from '../definition.ts';
import { Cancelled, EvaluationError, Failure } from '../failure.ts';
import type { Json } from '../json.ts';
import type { TaskAttempt } from '../records.ts';
import type { Line } from './line.ts';
import type { Integration, TaskCall } from './ports.ts';
import { payload } from './run.ts';
import { checkSize, type Exit, shape } from './steps.ts';

/** What Step Functions allows of a timeout. */
const LONGEST_SECONDS = 99_999_999;

/** A Task state: schedules a call, waits for its end within the time allowed, and passes its result on. */
export async function task(line: Line, state: State): Promise<Exit> {
  const integration = line.ports.integration(state.Resource ?? '');
  const before = line.frame.pending;
  const attempt = before?.kind === 'task' ? before : await schedule(line, state, integration);
  const call: TaskCall = {
    resource: state.Resource ?? '',
    arguments: attempt.arguments,
    execution: line.run.record,
    ...(attempt.token !== undefined && { token: attempt.token }),
    repeated: before?.kind === 'task',
    signal: line.signal,
  };
  const result = attempt.result ?? (await outcome(line, integration, attempt, call));
  return shape(line, state, { result }, result);
}

/** Evaluates what the attempt needs and records TaskScheduled and TaskStarted. */
async function schedule(line: Line, state: State, integration: Integration): Promise<TaskAttempt> {
  const { frame, run, ports } = line;
  const token = integration.pattern === 'token' ? ports.tokens.issue(run.record.executionArn, run.now()) : undefined;
  const scope = token === undefined ? {} : { token };
  const given = state.Arguments === undefined ? frame.input : await line.resolve(state.Arguments, 'Arguments', scope);
  const timeoutSeconds = await secondsOf(line, state.TimeoutSeconds, 'TimeoutSeconds');
  const heartbeatSeconds = await secondsOf(line, state.HeartbeatSeconds, 'HeartbeatSeconds');
  checkHeartbeat(timeoutSeconds, heartbeatSeconds);
  const args = integration.complete?.(given, run.record) ?? given;
  checkSize(frame.state, args);
  const attempt: TaskAttempt = {
    kind: 'task',
    arguments: args,
    ...(token !== undefined && { token }),
    ...(timeoutSeconds !== undefined && { timeoutAt: run.now() + timeoutSeconds * 1000 }),
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
  };
  const limits = {
    ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatInSeconds: heartbeatSeconds }),
  };
  run.commit(() => {
    if (integration.events === 'LambdaFunction') {
      run.append(frame, 'LambdaFunctionScheduled', { resource: state.Resource, ...payload('input', args), ...limits });
      run.append(frame, 'LambdaFunctionStarted');
    } else {
      const parameters = JSON.stringify(args);
      run.append(frame, 'TaskScheduled', { ...labels(integration), region: ports.region, parameters, ...limits });
      run.append(frame, 'TaskStarted', labels(integration));
    }
    frame.pending = attempt;
    run.save(frame);
  });
  return attempt;
}

async function secondsOf(line: Line, template: Json | undefined, field: string): Promise<number | undefined> {
  return template === undefined ? undefined : line.resolveNumber(template, field, { least: 1, most: LONGEST_SECONDS });
}

/** A literal was checked when the machine was created. */
function checkHeartbeat(timeoutSeconds: number | undefined, heartbeatSeconds: number | undefined): void {
  if (heartbeatSeconds === undefined || timeoutSeconds === undefined || heartbeatSeconds < timeoutSeconds) return;
  throw new EvaluationError(
    'HeartbeatSeconds',
    `The HeartbeatSeconds field must be less than TimeoutSeconds (${timeoutSeconds}) but was: ${heartbeatSeconds}`,
  );
}

/** Performs the attempt and records how it ended. */
async function outcome(line: Line, integration: Integration, attempt: TaskAttempt, call: TaskCall): Promise<Json> {
  const { frame, run } = line;
  try {
    const result = await perform(line, integration, attempt, call);
    checkSize(call.resource, result);
    run.commit(() => {
      attempt.result = result;
      run.append(frame, `${integration.events}Succeeded`, { ...labels(integration), ...payload('output', result) });
      run.save(frame);
    });
    return result;
  } catch (error) {
    if (error instanceof Cancelled && attempt.submitted !== undefined && !isDetached(call.signal)) {
      await integration.cancel?.(attempt.submitted, call);
    }
    if (!(error instanceof Failure)) throw error;
    if (error.error === 'States.Timeout' && attempt.submitted !== undefined) {
      await integration.cancel?.(attempt.submitted, call);
    }
    recordEnd(line, integration, error);
    throw error;
  } finally {
    if (attempt.token && !isDetached(call.signal)) line.ports.tokens.close(attempt.token);
  }
}

/** The process stops, the execution does not: nothing durable may change. */
export const DETACHED = 'detached';

const isDetached = (signal: AbortSignal): boolean => signal.aborted && signal.reason === DETACHED;

function recordEnd(line: Line, integration: Integration, failure: Failure): void {
  const { frame, run } = line;
  run.commit(() => {
    const kind = failure.error === 'States.Timeout' ? 'TimedOut' : 'Failed';
    run.append(frame, `${integration.events}${kind}`, {
      ...labels(integration),
      error: failure.error,
      ...(failure.reason !== undefined && { cause: failure.reason }),
    });
    frame.pending = {
      kind: 'failed',
      aliases: failure.aliases,
      ...(failure.error !== undefined && { error: failure.error }),
      ...(failure.reason !== undefined && { reason: failure.reason }),
    };
    run.save(frame);
  });
}

async function perform(line: Line, integration: Integration, attempt: TaskAttempt, call: TaskCall): Promise<Json> {
  if (attempt.submitted === undefined) {
    const answer = await submit(line, integration, attempt, call);
    if (integration.pattern === 'request') return answer;
  }
  if (attempt.token !== undefined) return answered(line, attempt, attempt.token);
  return within(line, attempt, () => integration.finish!(attempt.submitted ?? null, call));
}

async function submit(line: Line, integration: Integration, attempt: TaskAttempt, call: TaskCall): Promise<Json> {
  const { frame, run, ports } = line;
  let answer: Json;
  try {
    answer = await within(line, attempt, () => integration.submit(call));
  } catch (error) {
    // The one who was called may have answered the token before the call itself went wrong.
    if (!(error instanceof Failure) || !attempt.token || !ports.tokens.answerTo(attempt.token)) throw error;
    answer = null;
  }
  if (integration.pattern !== 'request') {
    run.commit(() => {
      attempt.submitted = answer;
      run.append(frame, 'TaskSubmitted', { ...labels(integration), ...payload('output', answer) });
      run.save(frame);
    });
  }
  return answer;
}

/** Waits for SendTaskSuccess or SendTaskFailure. */
async function answered(line: Line, attempt: TaskAttempt, token: string): Promise<Json> {
  const { tokens } = line.ports;
  if (!tokens.answerTo(token)) {
    await timed<void>(line, attempt, (resolve) => tokens.onAnswer(token, () => resolve()));
  }
  const answer = tokens.answerTo(token)!;
  if ('output' in answer) return answer.output;
  throw new Failure(answer.error, answer.cause);
}

const within = <T>(line: Line, attempt: TaskAttempt, work: () => Promise<T>): Promise<T> =>
  timed<T>(line, attempt, (resolve, reject) => {
    work().then(resolve, reject);
    return () => {};
  });

/** Waits no longer than TimeoutSeconds allow, and no longer than HeartbeatSeconds without a sign of life. */
function timed<T>(
  line: Line,
  attempt: TaskAttempt,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  const { clock } = line.ports;
  return line.outside<T>((resolve, reject) => {
    const stops = [begin(resolve, reject)];
    if (attempt.timeoutAt !== undefined) {
      const timer = clock.at(attempt.timeoutAt, () => reject(new Failure('States.Timeout')));
      stops.push(() => timer.cancel());
    }
    if (attempt.heartbeatSeconds !== undefined && attempt.token !== undefined) {
      stops.push(watchHeartbeat(line, attempt.token, attempt.heartbeatSeconds, reject));
    }
    return () => {
      for (const stop of stops) stop();
    };
  });
}

/** Gives up once a task has been silent for too long; returns how to stop watching. */
function watchHeartbeat(line: Line, token: string, seconds: number, reject: (error: unknown) => void): () => void {
  const { clock, tokens } = line.ports;
  const due = () => (tokens.lastBeat(token) ?? 0) + seconds * 1000;
  const look = () => {
    if (due() > clock.now()) timer = clock.at(due(), look);
    else reject(new Failure('States.Timeout', undefined, { aliases: ['States.HeartbeatTimeout'] }));
  };
  let timer = clock.at(due(), look);
  return () => timer.cancel();
}

const labels = (integration: Integration): Record<string, string> =>
  integration.events === 'LambdaFunction'
    ? {}
    : { resourceType: integration.resourceType, resource: integration.resource };
