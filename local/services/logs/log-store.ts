import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';

export interface LogGroup {
  readonly name: string;
  /** Undefined: kept for ever. */
  readonly retentionInDays?: number | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, here and below. */
  readonly createdAt: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  readonly firstEventAt?: number | undefined;
  readonly lastEventAt?: number | undefined;
  readonly lastIngestedAt?: number | undefined;
}

export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestedAt: number;
}

const GROUPS = 'logs.groups';
const STREAMS = 'logs.streams';
const EVENTS = 'logs.events';
const SEQUENCE = 'logs.sequence';
const DAY = 86_400_000;

/** Groups, streams and events; an event's key sorts by group, stream, time and arrival. */
export class LogStore {
  readonly #cloud: Cloud;
  #purging = false;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  putGroup(group: LogGroup): void {
    this.#cloud.store.put(GROUPS, group.name, group);
  }

  findGroup(name: string): LogGroup | undefined {
    return this.#cloud.store.get<LogGroup>(GROUPS, name);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  group(name: string): LogGroup {
    const group = this.findGroup(name);
    if (!group) throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  groups(prefix = ''): LogGroup[] {
    return this.#cloud.store.list<LogGroup>(GROUPS, prefix).map(({ value }) => value);
  }

  deleteGroup(name: string): void {
    for (const stream of this.streams(name)) this.deleteStream(name, stream.name);
    this.#cloud.store.delete(GROUPS, name);
  }

  putStream(group: string, stream: LogStream): void {
    this.#cloud.store.put(STREAMS, `${group}\t${stream.name}`, stream);
  }

  findStream(group: string, name: string): LogStream | undefined {
    return this.#cloud.store.get<LogStream>(STREAMS, `${group}\t${name}`);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  stream(group: string, name: string): LogStream {
    this.group(group);
    const stream = this.findStream(group, name);
    if (!stream) throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  }

  streams(group: string, prefix = ''): LogStream[] {
    return this.#cloud.store.list<LogStream>(STREAMS, `${group}\t${prefix}`).map(({ value }) => value);
  }

  deleteStream(group: string, name: string): void {
    this.#cloud.store.transaction(() => {
      for (const { key } of this.#entries(group, name)) this.#cloud.store.delete(EVENTS, key);
      this.#cloud.store.delete(STREAMS, `${group}\t${name}`);
    });
  }

  append(group: string, stream: LogStream, events: readonly Omit<LogEvent, 'ingestedAt'>[]): void {
    const { store, clock } = this.#cloud;
    const ingestedAt = clock.now();
    store.transaction(() => {
      let sequence = store.get<number>(SEQUENCE, 'next') ?? 0;
      for (const { timestamp, message } of events) {
        store.put(EVENTS, eventKey(group, stream.name, timestamp, sequence++), { timestamp, message, ingestedAt });
      }
      store.put(SEQUENCE, 'next', sequence);
      const times = events.map(({ timestamp }) => timestamp);
      this.putStream(group, {
        ...stream,
        firstEventAt: Math.min(...times, stream.firstEventAt ?? Number.POSITIVE_INFINITY),
        lastEventAt: Math.max(...times, stream.lastEventAt ?? 0),
        lastIngestedAt: ingestedAt,
      });
    });
    this.armPurge();
  }

  /** A stream's events in order of time, without those beyond the group's retention. */
  events(group: string, stream: string): { readonly id: string; readonly event: LogEvent }[] {
    const oldest = this.#oldest(this.group(group));
    return this.#entries(group, stream)
      .filter(({ value }) => value.timestamp >= oldest)
      .map(({ key, value }) => ({ id: key.split('\t').slice(2).join(''), event: value }));
  }

  /** Once a day, while a group forgets at all. */
  armPurge(): void {
    if (this.#purging || !this.groups().some(({ retentionInDays }) => retentionInDays !== undefined)) return;
    this.#purging = true;
    this.#cloud.clock.after(DAY, () => {
      this.#purging = false;
      this.#purge();
      this.armPurge();
    });
  }

  #purge(): void {
    const { store } = this.#cloud;
    store.transaction(() => {
      for (const group of this.groups()) {
        const oldest = this.#oldest(group);
        for (const { key, value } of store.list<LogEvent>(EVENTS, `${group.name}\t`)) {
          if (value.timestamp < oldest) store.delete(EVENTS, key);
        }
      }
    });
  }

  #oldest({ retentionInDays }: LogGroup): number {
    return retentionInDays === undefined ? 0 : this.#cloud.clock.now() - retentionInDays * DAY;
  }

  #entries(group: string, stream: string) {
    return this.#cloud.store.list<LogEvent>(EVENTS, `${group}\t${stream}\t`);
  }
}

const eventKey = (group: string, stream: string, timestamp: number, sequence: number): string =>
  `${group}\t${stream}\t${String(timestamp).padStart(15, '0')}\t${String(sequence).padStart(12, '0')}`;
