import type { Store } from '../../store.ts';
import type { Json } from './json.ts';
import type { ExecutionRecord, Frame, HistoryEvent, MapRunRecord } from './records.ts';

const EXECUTIONS = 'states.executions';
const FRAMES = 'states.frames';
const HISTORY = 'states.history';
const MAP_RUNS = 'states.mapRuns';
const MAP_INPUTS = 'states.mapInputs';
const COUNTERS = 'states.counters';

/** Widest event id, so that keys sort by number. */
const ID_WIDTH = 6;

/** The durable side of executions. Everything that belongs to one transition is written in one transaction. */
export class Journal {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** All or nothing: a crash leaves the state before or after, never between. */
  commit<T>(work: () => T): T {
    return this.#store.transaction(work);
  }

  execution(arn: string): ExecutionRecord | undefined {
    return this.#store.get(EXECUTIONS, arn);
  }

  /** @param prefix `''` for all */
  executions(prefix = ''): ExecutionRecord[] {
    return this.#store.list<ExecutionRecord>(EXECUTIONS, prefix).map(({ value }) => value);
  }

  saveExecution(record: ExecutionRecord): void {
    this.#store.put(EXECUTIONS, record.executionArn, record);
  }

  deleteExecution(arn: string): void {
    for (const { key } of this.#store.list(HISTORY, `${arn}#`)) this.#store.delete(HISTORY, key);
    this.dropFrames(arn, '');
    this.#store.delete(EXECUTIONS, arn);
  }

  frames(arn: string): Frame[] {
    return this.#store.list<Frame>(FRAMES, `${arn}#`).map(({ value }) => value);
  }

  saveFrame(arn: string, frame: Frame): void {
    this.#store.put(FRAMES, `${arn}#${frame.id}`, frame);
  }

  deleteFrame(arn: string, id: string): void {
    this.#store.delete(FRAMES, `${arn}#${id}`);
  }

  /** Forgets the frames whose id starts with `prefix`. */
  dropFrames(arn: string, prefix: string): void {
    for (const { key } of this.#store.list(FRAMES, `${arn}#${prefix}`)) this.#store.delete(FRAMES, key);
  }

  history(arn: string): HistoryEvent[] {
    return this.#store.list<HistoryEvent>(HISTORY, `${arn}#`).map(({ value }) => value);
  }

  addEvent(arn: string, event: HistoryEvent): void {
    this.#store.put(HISTORY, `${arn}#${String(event.id).padStart(ID_WIDTH, '0')}`, event);
  }

  mapRun(arn: string): MapRunRecord | undefined {
    return this.#store.get(MAP_RUNS, arn);
  }

  mapRuns(): MapRunRecord[] {
    return this.#store.list<MapRunRecord>(MAP_RUNS).map(({ value }) => value);
  }

  saveMapRun(record: MapRunRecord): void {
    this.#store.put(MAP_RUNS, record.mapRunArn, record);
  }

  /** The input of a map run's child, fixed when the run begins. */
  mapInput(mapRunArn: string, index: number): Json {
    return this.#store.get<Json>(MAP_INPUTS, `${mapRunArn}#${index}`) ?? null;
  }

  saveMapInput(mapRunArn: string, index: number, input: Json): void {
    this.#store.put(MAP_INPUTS, `${mapRunArn}#${index}`, input);
  }

  /** State transitions that AWS would bill: every state entered and every retry. */
  get transitions(): number {
    return this.#store.get<number>(COUNTERS, 'transitions') ?? 0;
  }

  countTransition(): void {
    this.#store.put(COUNTERS, 'transitions', this.transitions + 1);
  }
}
