import type { Timer } from '../../clock.ts';
import { DEFAULT_EVENT_AGE } from '../../retried-deliveries.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import type { Deliveries } from './deliveries.ts';
import { DEFAULT_GROUP, groupArn, nextOccurrence, type Schedule } from './schedule.ts';

const SCHEDULES = 'scheduler.schedules';
const GROUPS = 'scheduler.groups';

/** A group, as stored; times in milliseconds since the epoch. */
export interface Group {
  readonly name: string;
  readonly createdAt: number;
}

/** Every schedule and its next occurrence on the clock. */
export class Schedules {
  readonly #cloud: Cloud;
  readonly #deliveries: Deliveries;
  readonly #timers = new Map<string, Timer>();

  constructor(cloud: Cloud, deliveries: Deliveries) {
    this.#cloud = cloud;
    this.#deliveries = deliveries;
    if (!cloud.store.get(GROUPS, DEFAULT_GROUP)) this.putGroup(DEFAULT_GROUP);
  }

  find(group: string, name: string): Schedule | undefined {
    return this.#cloud.store.get<Schedule>(SCHEDULES, `${group}/${name}`);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(group: string, name: string): Schedule {
    const schedule = this.find(group, name);
    if (!schedule) throw new ServiceError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  list(group?: string): Schedule[] {
    return this.#cloud.store
      .list<Schedule>(SCHEDULES, group === undefined ? '' : `${group}/`)
      .map((entry) => entry.value);
  }

  /** @throws {ServiceError} ResourceNotFoundException where the group does not exist */
  put(schedule: Schedule): void {
    this.group(schedule.group);
    this.#cloud.store.put(SCHEDULES, keyOf(schedule), schedule);
    this.#arm(schedule);
  }

  delete({ group, name }: Pick<Schedule, 'group' | 'name'>): void {
    this.#timers.get(`${group}/${name}`)?.cancel();
    this.#cloud.store.delete(SCHEDULES, `${group}/${name}`);
  }

  putGroup(name: string): void {
    if (!/^[\w.-]{1,64}$/.test(name)) throw new ServiceError('ValidationException', `Invalid group name: ${name}.`);
    this.#cloud.store.put(GROUPS, name, { name, createdAt: this.#cloud.clock.now() });
  }

  findGroup(name: string): Group | undefined {
    return this.#cloud.store.get<Group>(GROUPS, name);
  }

  group(name: string): Group {
    const group = this.findGroup(name);
    if (!group) throw new ServiceError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
    return group;
  }

  groups(): Group[] {
    return this.#cloud.store.list<Group>(GROUPS).map((entry) => entry.value);
  }

  /** A group takes its schedules with it. */
  deleteGroup(name: string): void {
    if (name === DEFAULT_GROUP)
      throw new ServiceError('ValidationException', 'The default schedule group cannot be deleted.');
    for (const schedule of this.list(name)) this.delete(schedule);
    this.#cloud.store.delete(GROUPS, name);
  }

  groupArn(name: string): string {
    return groupArn(this.#cloud, name);
  }

  /** What became due while the cloud was stopped happens now, late; what is older than its retry policy allows does not. */
  resume(): void {
    for (const schedule of this.list()) this.#arm(this.#skipTooOld(schedule));
  }

  #skipTooOld(schedule: Schedule): Schedule {
    const age = schedule.target.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE;
    const oldest = this.#cloud.clock.now() - age * 1000;
    if (schedule.nextAt === undefined || schedule.nextAt >= oldest) return schedule;
    const caughtUp = { ...schedule, nextAt: nextOccurrence(schedule, oldest) };
    this.#cloud.store.put(SCHEDULES, keyOf(schedule), caughtUp);
    return caughtUp;
  }

  #arm(schedule: Schedule): void {
    const key = keyOf(schedule);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    if (schedule.nextAt === undefined) return;
    this.#timers.set(
      key,
      this.#cloud.clock.at(schedule.nextAt, () => this.#fire(schedule)),
    );
  }

  /** The occurrence is stored before the schedule moves on, both at once: a crash loses neither. */
  #fire(schedule: Schedule): void {
    const scheduledAt = schedule.nextAt!;
    const nextAt = nextOccurrence(schedule, scheduledAt);
    const completed = nextAt === undefined;
    const start = this.#cloud.store.transaction(() => {
      if (completed && schedule.deleteAfterCompletion) this.delete(schedule);
      else this.#cloud.store.put(SCHEDULES, keyOf(schedule), { ...schedule, nextAt });
      return this.#deliveries.accept(schedule, scheduledAt);
    });
    start();
    if (!completed) this.#arm({ ...schedule, nextAt });
  }
}

const keyOf = ({ group, name }: Schedule): string => `${group}/${name}`;
