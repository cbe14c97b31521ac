import { type Block, blockAt, type State } from '../definition.ts';
import { Failure } from '../failure.ts';
import type { Journal } from '../journal.ts';
import type { Json } from '../json.ts';
import type { ExecutionRecord, Frame, HistoryEvent } from '../records.ts';

/** An execution's history ends here, whatever it was doing. */
const MOST_EVENTS = 25_000;

/** Events that no other event led to. */
const FROM_OUTSIDE = new Set(['ExecutionAborted', 'ExecutionTimedOut']);

/** Events that the next event does not count as its previous one. */
const ASIDE = new Set([
  'MapIterationFailed',
  'MapRunSucceeded',
  'MapStateAborted',
  'MapStateSucceeded',
  'ParallelStateAborted',
  'ParallelStateSucceeded',
  'TaskStateAborted',
  'WaitStateAborted',
]);

export const ROOT = '0';

/** One execution in memory, and the only writer of its journal. */
export class Run {
  readonly record: ExecutionRecord;
  readonly machine: Block;
  readonly journal: Journal;
  readonly frames = new Map<string, Frame>();
  /** Ends every line of control when the execution is stopped or times out. */
  readonly abort = new AbortController();
  readonly #now: () => number;
  #lastEvent: number;
  /** A States.Runtime failure ends the whole execution at once, whatever is around the state. */
  dying = false;

  constructor(record: ExecutionRecord, machine: Block, journal: Journal, now: () => number) {
    this.record = record;
    this.machine = machine;
    this.journal = journal;
    this.#now = now;
    this.#lastEvent = journal.history(record.executionArn).at(-1)?.id ?? 0;
    for (const frame of journal.frames(record.executionArn)) this.frames.set(frame.id, frame);
  }

  now(): number {
    return this.#now();
  }

  get lastEvent(): number {
    return this.#lastEvent;
  }

  stateOf(frame: Frame): State {
    const state = blockAt(this.machine, frame.block).States[frame.state];
    if (!state) throw new Error(`expected a state '${frame.state}', got none`);
    return state;
  }

  /** Writes events and frames in one transaction. */
  commit<T>(work: () => T): T {
    return this.journal.commit(work);
  }

  /**
   * Adds one event to the history; call inside `commit`.
   *
   * @throws {Failure} States.Runtime where the history is full; the last place is kept for the execution's own end
   */
  append(frame: Frame, type: string, details?: Readonly<Record<string, unknown>>, final = false): number {
    if (!final && this.#lastEvent >= MOST_EVENTS - 1) {
      throw new Failure(
        'States.Runtime',
        `The execution reached the maximum number of history events (${MOST_EVENTS}).`,
      );
    }
    const id = ++this.#lastEvent;
    const event: HistoryEvent = {
      timestamp: this.#now(),
      type,
      id,
      previousEventId: id === 2 || FROM_OUTSIDE.has(type) ? 0 : frame.lastEvent,
      ...(details && { [detailsMember(type)]: details }),
    };
    this.journal.addEvent(this.record.executionArn, event);
    if (!ASIDE.has(type)) frame.lastEvent = id;
    return id;
  }

  /** Enters a state: the event, and a frame that knows nothing yet of what the state does. */
  enter(frame: Frame, name: string, input: Json): void {
    const state = blockAt(this.machine, frame.block).States[name];
    if (!state) throw new Error(`expected a state '${name}', got none`);
    frame.state = name;
    frame.input = input;
    frame.retries = [];
    frame.retryCount = 0;
    delete frame.pending;
    frame.enteredAt = this.#now();
    frame.enteredEvent = this.append(frame, `${state.Type}StateEntered`, { name, ...payload('input', input) });
    this.journal.countTransition();
    this.save(frame);
  }

  save(frame: Frame): void {
    this.frames.set(frame.id, frame);
    this.journal.saveFrame(this.record.executionArn, frame);
  }

  /** Forgets the lines of control below a frame. */
  dropChildren(frame: Frame): void {
    const prefix = `${frame.id}.`;
    for (const id of this.frames.keys()) if (id.startsWith(prefix)) this.frames.delete(id);
    this.journal.dropFrames(this.record.executionArn, prefix);
  }

  /** Forgets one line of control and those below it. */
  dropFrame(frame: Frame): void {
    this.dropChildren(frame);
    this.frames.delete(frame.id);
    this.journal.deleteFrame(this.record.executionArn, frame.id);
  }

  /** Lines of control directly below a frame that have not ended. */
  children(frame: Frame): Frame[] {
    const prefix = `${frame.id}.`;
    return [...this.frames.values()]
      .filter(({ id }) => id.startsWith(prefix) && !id.slice(prefix.length).includes('.'))
      .sort((a, b) => indexOf(a) - indexOf(b));
  }

  /** Variables that a frame sees: its own scope, then the scopes around it. */
  variablesOf(frame: Frame): Map<string, Json> {
    const visible = new Map<string, Json>();
    const steps = frame.id.split('.');
    for (let depth = 1; depth <= steps.length; depth++) {
      const scope = this.frames.get(steps.slice(0, depth).join('.')) ?? frame;
      for (const [name, value] of Object.entries(scope.variables)) visible.set(name, value);
    }
    return visible;
  }
}

/** A branch's or an iteration's number within its parent. */
export const indexOf = (frame: Frame): number => Number(frame.id.slice(frame.id.lastIndexOf('.') + 1));

/** `{ input, inputDetails }` as in every event that carries a payload. */
export const payload = (member: 'input' | 'output', value: Json): Record<string, unknown> => ({
  [member]: JSON.stringify(value),
  [`${member}Details`]: { truncated: false },
});

/** The event member that carries a type's details. */
function detailsMember(type: string): string {
  const generic = /State(Entered|Exited)$/.exec(type);
  const name = generic ? `state${generic[1]}` : type.charAt(0).toLowerCase() + type.slice(1);
  return `${name}EventDetails`;
}
