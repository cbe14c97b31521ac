import { Cancelled } from '../failure.ts';
import type { Json, JsonObject, JsonType } from '../json.ts';
import { type Bindings, type Range, resolve, resolveNumber, resolveTyped } from '../jsonata.ts';
import type { Frame, MapItem } from '../records.ts';
import type { Ports } from './ports.ts';
import type { Run } from './run.ts';

/** Extra members of `$states` and of its context. */
export interface Scope {
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly token?: string;
  readonly mapItem?: MapItem;
}

/** States that count their attempts. */
const RETRYABLE = new Set(['Task', 'Parallel', 'Map']);

/** One line of control while it runs: a frame, what it may use, and whether somebody has called it off. */
export class Line {
  readonly ports: Ports;
  readonly run: Run;
  readonly frame: Frame;
  readonly signal: AbortSignal;
  #release: (() => void) | undefined;

  constructor(ports: Ports, run: Run, frame: Frame, signal: AbortSignal) {
    this.ports = ports;
    this.run = run;
    this.frame = frame;
    this.signal = signal;
  }

  /** Counts as work under way from here on: the clock does not jump. */
  take(): void {
    if (this.#release) return;
    void this.ports.track(
      new Promise<void>((resolve) => {
        this.#release = resolve;
      }),
    );
  }

  /** Counts as waiting. */
  drop(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** @throws {Cancelled} */
  check(): void {
    if (this.signal.aborted) throw new Cancelled();
  }

  /**
   * Waits for something outside: a timer, an answer, other lines.
   *
   * @param begin starts waiting and returns how to stop
   * @throws {Cancelled} called off meanwhile
   */
  async outside<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void): Promise<T> {
    this.check();
    let stop = () => {};
    let abort = () => {};
    this.drop();
    try {
      return await new Promise<T>((resolve, reject) => {
        abort = () => reject(new Cancelled());
        this.signal.addEventListener('abort', abort);
        stop = begin(resolve, reject);
      });
    } finally {
      this.take();
      this.signal.removeEventListener('abort', abort);
      stop();
    }
  }

  /** @param until milliseconds since the epoch */
  async wait(until: number): Promise<void> {
    if (until <= this.run.now()) return;
    await this.outside<void>((resolve) => {
      const timer = this.ports.clock.at(until, () => resolve());
      return () => timer.cancel();
    });
  }

  resolve(template: Json, field: string, scope: Scope = {}): Promise<Json> {
    return resolve(template, field, this.bindings(scope));
  }

  resolveTyped(template: Json, field: string, type: JsonType, scope: Scope = {}): Promise<Json> {
    return resolveTyped(template, field, type, this.bindings(scope));
  }

  resolveNumber(template: Json, field: string, range: Range): Promise<number> {
    return resolveNumber(template, field, range, this.bindings({}));
  }

  bindings(scope: Scope): Bindings {
    return {
      states: {
        input: this.frame.input,
        context: this.context(scope),
        ...(scope.result !== undefined && { result: scope.result }),
        ...(scope.errorOutput !== undefined && { errorOutput: scope.errorOutput }),
      },
      variables: this.run.variablesOf(this.frame),
      now: this.run.now(),
    };
  }

  /** The Context object, with the members that the service fills in at this point. */
  context(scope: Scope): JsonObject {
    const { record } = this.run;
    const item = scope.mapItem ?? this.#mapItem();
    return {
      Execution: {
        Id: record.executionArn,
        Input: JSON.parse(record.input) as Json,
        StartTime: iso(record.startDate),
        Name: record.name,
        RoleArn: record.roleArn,
        RedriveCount: record.redriveCount,
        ...(record.redriveDate !== undefined && { RedriveTime: iso(record.redriveDate) }),
      },
      StateMachine: { Id: record.stateMachineArn, Name: record.stateMachineArn.split(':').at(-1) ?? '' },
      State: {
        Name: this.frame.state,
        EnteredTime: iso(this.frame.enteredAt),
        ...(RETRYABLE.has(this.run.stateOf(this.frame).Type) && { RetryCount: this.frame.retryCount }),
      },
      ...(scope.token !== undefined && { Task: { Token: scope.token } }),
      ...(item && { Map: { Item: { Index: item.Index, Value: item.Value } } }),
    };
  }

  /** The item of the innermost Map around this line. */
  #mapItem(): MapItem | undefined {
    for (let id = this.frame.id; id; id = id.slice(0, Math.max(0, id.lastIndexOf('.')))) {
      const frame = id === this.frame.id ? this.frame : this.run.frames.get(id);
      if (frame?.mapItem) return frame.mapItem;
    }
    return undefined;
  }
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
