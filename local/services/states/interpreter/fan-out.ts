import { type BlockPath, blockAt, type State } from '../definition.ts';
import { Cancelled, EvaluationError } from '../failure.ts';
import type { Json } from '../json.ts';
import type { Range } from '../jsonata.ts';
import type { Frame, MapItem, MapProgress } from '../records.ts';
import { Line } from './line.ts';
import { indexOf } from './run.ts';
import { type Exit, shape } from './steps.ts';

/** Runs one line of control; given by the interpreter, which knows all handlers. */
export type RunChild = (line: Line) => Promise<Json>;

/** Most iterations of an inline Map at a time. */
const INLINE_CONCURRENCY = 40;

/** Parallel: every branch with the same input; the result is their outputs in order. */
export const parallel =
  (runChild: RunChild) =>
  async (line: Line, state: State): Promise<Exit> => {
    const { frame, run } = line;
    if (frame.pending?.kind !== 'parallel') {
      const input = state.Arguments === undefined ? frame.input : await line.resolve(state.Arguments, 'Arguments');
      run.commit(() => {
        run.append(frame, 'ParallelStateStarted');
        for (const i of (state.Branches ?? []).keys()) open(line, i, [...frame.block, frame.state, i], input);
        frame.pending = { kind: 'parallel' };
        run.save(frame);
      });
    }
    const outputs: Json[] = [];
    await together(line, run.children(frame), Number.POSITIVE_INFINITY, async (child, signal) => {
      try {
        outputs[indexOf(child)] = await runChild(new Line(line.ports, run, child, signal));
      } catch (error) {
        if (!(error instanceof Cancelled)) frame.lastEvent = child.lastEvent;
        throw error;
      }
      frame.lastEvent = Math.max(frame.lastEvent, child.lastEvent);
    });
    run.commit(() => run.append(frame, 'ParallelStateSucceeded'));
    return shape(line, state, { result: outputs }, outputs);
  };

/** Map, inline: one iteration per item, at most MaxConcurrency at a time; the result is their outputs in order. */
export const inlineMap =
  (runChild: RunChild) =>
  async (line: Line, state: State): Promise<Exit> => {
    const { frame, run } = line;
    const progress = frame.pending?.kind === 'map' ? frame.pending : await beginMap(line, state);
    const limit = Math.min(progress.maxConcurrency || INLINE_CONCURRENCY, INLINE_CONCURRENCY);
    const started = run.children(frame);
    const fresh = Array.from({ length: progress.items.length - progress.next }, (_, i) => progress.next + i);
    await together<Frame | number>(line, [...started, ...fresh], limit, async (one, signal) => {
      const child = typeof one === 'number' ? await openIteration(line, state, progress, one) : one;
      await iterate(line, progress, child, () => runChild(new Line(line.ports, run, child, signal)));
    });
    const outputs = progress.items.map((_, i) => progress.outputs[i] as Json);
    run.commit(() => run.append(frame, 'MapStateSucceeded'));
    return shape(line, state, { result: outputs }, outputs);
  };

async function beginMap(line: Line, state: State): Promise<MapProgress> {
  const { frame, run } = line;
  const items = await itemsOf(line, state);
  // All must be right here too, though only a Distributed Map tolerates failures.
  const { maxConcurrency } = await mapLimits(line, state);
  const progress: MapProgress = { kind: 'map', items, maxConcurrency, next: 0, outputs: {} };
  run.commit(() => {
    run.append(frame, 'MapStateStarted', { length: items.length });
    frame.pending = progress;
    run.save(frame);
  });
  return progress;
}

const COUNT = { least: 0, most: 2 ** 31 - 1 };

/** How many at a time, and how many may fail; 0 where the state does not say. @throws {EvaluationError} */
export async function mapLimits(line: Line, state: State) {
  const numberOf = async (template: Json | undefined, field: string, range: Range) =>
    template === undefined ? 0 : line.resolveNumber(template, field, range);
  const percentage = { least: 0, most: 100, integer: false };
  return {
    maxConcurrency: await numberOf(state.MaxConcurrency, 'MaxConcurrency', COUNT),
    toleratedFailureCount: await numberOf(state.ToleratedFailureCount, 'ToleratedFailureCount', COUNT),
    toleratedFailurePercentage: await numberOf(
      state.ToleratedFailurePercentage,
      'ToleratedFailurePercentage',
      percentage,
    ),
  };
}

/** @throws {EvaluationError} they are no array */
export async function itemsOf(line: Line, state: State): Promise<readonly Json[]> {
  if (state.Items !== undefined) return (await line.resolveTyped(state.Items, 'Items', 'array')) as readonly Json[];
  const { input } = line.frame;
  if (Array.isArray(input)) return input;
  throw new EvaluationError('Items', `Map state input must be an array but was: ${JSON.stringify(input)}`);
}

async function openIteration(line: Line, state: State, progress: MapProgress, index: number): Promise<Frame> {
  const { frame, run } = line;
  const mapItem: MapItem = { Index: index, Value: progress.items[index] ?? null };
  const input =
    state.ItemSelector === undefined
      ? mapItem.Value
      : await line.resolve(state.ItemSelector, 'ItemSelector', { mapItem });
  return run.commit(() => {
    progress.next = Math.max(progress.next, index + 1);
    run.save(frame);
    return open(line, index, [...frame.block, frame.state], input, { mapItem, after: progress.lastEvent });
  });
}

async function iterate(line: Line, progress: MapProgress, child: Frame, work: () => Promise<Json>): Promise<void> {
  const { frame, run } = line;
  const details = { name: frame.state, index: indexOf(child) };
  try {
    const output = await work();
    run.commit(() => {
      progress.lastEvent = child.lastEvent;
      frame.lastEvent = run.append(child, 'MapIterationSucceeded', details);
      (progress.outputs as Record<number, Json>)[details.index] = output;
      run.dropFrame(child);
      run.save(frame);
    });
  } catch (error) {
    if (!line.signal.aborted && !run.dying) {
      run.commit(() => {
        run.append(child, error instanceof Cancelled ? 'MapIterationAborted' : 'MapIterationFailed', details);
        run.save(child);
        if (!(error instanceof Cancelled)) frame.lastEvent = child.lastEvent;
      });
    }
    throw error;
  }
}

/** Creates a line of control below another and enters its first state; call inside `commit`. */
function open(
  line: Line,
  index: number,
  block: BlockPath,
  input: Json,
  { mapItem, after }: { mapItem?: MapItem; after?: number | undefined } = {},
): Frame {
  const { frame, run } = line;
  const child: Frame = {
    id: `${frame.id}.${index}`,
    block,
    variables: {},
    state: '',
    input,
    enteredAt: run.now(),
    enteredEvent: 0,
    lastEvent: after ?? frame.lastEvent,
    retries: [],
    retryCount: 0,
    ...(mapItem && { mapItem }),
  };
  if (mapItem) run.append(child, 'MapIterationStarted', { name: frame.state, index });
  run.enter(child, blockAt(run.machine, block).StartAt, input);
  return child;
}

/**
 * Runs several lines at once; the first failure calls the others off.
 *
 * @param limit how many at a time
 * @throws the first failure, once all others have ended
 */
async function together<T>(
  line: Line,
  all: readonly T[],
  limit: number,
  work: (one: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([line.signal, siblings.signal]);
  const queue = [...all];
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    for (let one = queue.shift(); one !== undefined && !signal.aborted; one = queue.shift()) {
      try {
        await work(one, signal);
      } catch (error) {
        failure ??= { error };
        siblings.abort();
      }
    }
  };
  const workers = Promise.all(Array.from({ length: Math.min(limit, all.length) }, worker));
  // Waits for the lines without counting as work: they count themselves.
  line.drop();
  await workers;
  line.take();
  if (line.signal.aborted) throw new Cancelled();
  if (failure) throw failure.error;
}
