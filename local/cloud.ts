import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Activity } from './activity.ts';
import { Clock, type ClockSetting } from './clock.ts';
import { HttpMounts } from './http.ts';
import { Iam } from './iam/iam.ts';
import {
  type Call,
  type Cloud,
  type CloudEvent,
  type Need,
  NotImplementedError,
  type Principal,
  type Service,
  StoppingError,
} from './service.ts';
import { Store } from './store.ts';

export interface LocalCloudOptions {
  /** Absolute folder for everything that survives a restart. */
  readonly stateDir: string;
  /** @default 000000000000 */
  readonly account?: string;
  /** @default eu-west-1 */
  readonly region?: string;
  /** Lines for a person: failures of background work, denied calls. */
  readonly report?: (line: string) => void;
}

/** How long work that is under way may take to end, in real milliseconds. */
const DRAIN_MS = 1_000;

/** All services in one process, around one clock, one store and one place where permissions are decided. */
export class LocalCloud implements Cloud {
  readonly account: string;
  readonly region: string;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly iam: Iam;
  readonly http = new HttpMounts();
  /** Set by the gateway once it listens. */
  url = '';
  readonly #services = new Map<string, Service>();
  readonly #listeners = new Set<(event: CloudEvent) => void>();
  readonly #activity: Activity;
  readonly report: (line: string) => void;

  constructor(options: LocalCloudOptions) {
    this.account = options.account ?? '000000000000';
    this.region = options.region ?? 'eu-west-1';
    this.stateDir = options.stateDir;
    this.report = options.report ?? (() => {});
    mkdirSync(this.stateDir, { recursive: true });
    this.store = new Store(join(this.stateDir, 'state.sqlite'));
    this.#activity = new Activity((error) => {
      // The next start goes on with it.
      if (!(error instanceof StoppingError)) this.report(`background work failed: ${describe(error)}`);
    });
    this.clock = new Clock(storedSetting(this.store), () => this.#activity.idle());
    this.clock.onMove((setting) => storeSetting(this.store, setting));
    this.iam = new Iam(this, (arn) => this.#resourcePolicy(arn));
  }

  register(...services: readonly Service[]): void {
    for (const service of services) this.#services.set(service.name, service);
  }

  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  async call(call: Call): Promise<unknown> {
    const operation = this.#services.get(call.service)?.operations[call.operation];
    if (!operation) throw new NotImplementedError(`${call.service}:${call.operation}`);
    for (const [member, value] of Object.entries(call.input ?? {})) {
      if (value !== undefined && !operation.members.includes(member)) {
        throw new NotImplementedError(`${call.service}:${call.operation} ${member}`);
      }
    }
    this.authorize(call.principal, operation.needs(call));
    return operation.waits ? operation.run(call) : this.#activity.count(operation.run(call));
  }

  authorize(principal: Principal, needs: readonly Need[]): void {
    for (const need of needs) this.iam.authorize(principal, need);
  }

  allows(principal: Principal, need: Need): boolean {
    return this.iam.allows(principal, need);
  }

  principalOf(accessKeyId: string): Principal {
    return this.iam.principalOf(accessKeyId);
  }

  async assume(roleArn: string, session: string, service: string, sourceArn?: string): Promise<Principal> {
    return this.iam.assume(roleArn, session, service, sourceArn);
  }

  credentialsFor(principal: Principal) {
    return this.iam.credentialsFor(principal);
  }

  publish(event: Pick<CloudEvent, 'source' | 'detail-type' | 'resources' | 'detail'>): void {
    const whole: CloudEvent = {
      ...event,
      id: randomUUID(),
      account: this.account,
      region: this.region,
      time: this.clock.date().toISOString(),
    };
    for (const listener of this.#listeners) listener(whole);
  }

  onEvent(listener: (event: CloudEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  track<T>(work: Promise<T>): Promise<T> {
    return this.#activity.track(work);
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  async resume(): Promise<void> {
    for (const service of this.services) await service.resume?.();
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await Promise.allSettled(this.services.map((service) => service.stop?.()));
    await this.#drained();
    this.store.close();
  }

  /** What is under way still writes; the store is open for it until it has ended, or says that it does not. */
  async #drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.report(`${this.#activity.running} pieces of work did not end with the local cloud`);
        resolve();
      }, DRAIN_MS);
    });
    await Promise.race([this.#activity.idle(), tooLong]);
    clearTimeout(timer);
  }

  #resourcePolicy(arn: string) {
    const name = { 'execute-api': 'apigateway' }[arn.split(':')[2] ?? ''] ?? arn.split(':')[2] ?? '';
    return this.#services.get(name)?.resourcePolicy?.(arn);
  }
}

const storedSetting = (store: Store): ClockSetting => {
  const pausedAt = store.get<number>('clock', 'pausedAt');
  return { offset: store.get<number>('clock', 'offset') ?? 0, ...(pausedAt !== undefined && { pausedAt }) };
};

const storeSetting = (store: Store, { offset, pausedAt }: ClockSetting): void =>
  store.transaction(() => {
    store.put('clock', 'offset', offset);
    if (pausedAt === undefined) store.delete('clock', 'pausedAt');
    else store.put('clock', 'pausedAt', pausedAt);
  });

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
