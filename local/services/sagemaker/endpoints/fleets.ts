import { rm } from 'node:fs/promises';
import { LogStream } from '../../../container/log-stream.ts';
import { ModelServer, ModelServerError } from '../container/model-server.ts';
import { assumeForSageMaker, folder, type Platform } from '../platform.ts';
import { type Endpoint, type Fleet, runningVariants, type Variant } from './endpoint.ts';

interface Slot {
  server: Promise<ModelServer> | undefined;
  /** What ends before the server may start again: both use one folder. */
  ending: Promise<void>;
  /** Requests that hold the server: it ends only when none does. */
  users: number;
  idle: (() => void)[];
  /** Since when nobody has used it, on the machine's own clock. */
  restingSince: number;
}

/** How long servers that nobody uses may stay. In real time: what they cost is this machine's memory. */
export interface Rest {
  /** Milliseconds. @default 60000 */
  readonly longest?: number;
  /** Servers at rest at a time, the one used last first. @default 8 */
  readonly most?: number;
}

/** The serving processes: one per variant, whatever its instance count; started when needed, ended when not. */
export class Fleets {
  readonly #platform: Platform;
  readonly #rest: Required<Rest>;
  readonly #slots = new Map<string, Slot>();

  constructor(platform: Platform, rest: Rest = {}) {
    this.#platform = platform;
    this.#rest = { longest: 60_000, most: 8, ...rest };
  }

  /**
   * Starts every variant of a fleet and waits for their `/ping`.
   *
   * @returns the image digest by variant
   * @throws {ModelServerError} for the first that does not come up
   */
  async start(endpoint: Endpoint, fleet: Fleet): Promise<Map<string, string>> {
    const servers = runningVariants(fleet).map(
      async (variant) =>
        [variant.name, await this.use(endpoint, fleet, variant, async ({ digest }) => digest)] as const,
    );
    await Promise.allSettled(servers);
    return new Map(await Promise.all(servers));
  }

  /** Uses a variant's server; it is started (again) where it does not run, as after a restart of the local cloud. */
  async use<T>(
    endpoint: Endpoint,
    fleet: Fleet,
    variant: Variant,
    use: (server: ModelServer) => Promise<T>,
  ): Promise<T> {
    // Counted before the first await, so that a retirement in between waits for this request.
    const slot = this.#slot(endpoint, fleet, variant);
    slot.users++;
    try {
      return await use(await this.#server(endpoint, fleet, variant));
    } finally {
      slot.users--;
      if (slot.users === 0) this.#letRest(slot);
    }
  }

  #letRest(slot: Slot): void {
    for (const resolve of slot.idle.splice(0)) resolve();
    const since = performance.now();
    slot.restingSince = since;
    const timer = setTimeout(() => {
      if (slot.users === 0 && slot.restingSince === since) this.#end(slot);
    }, this.#rest.longest);
    timer.unref();
    const resting = [...this.#slots.values()]
      .filter((candidate) => candidate.server && candidate.users === 0)
      .sort((a, b) => b.restingSince - a.restingSince);
    for (const tooMany of resting.slice(this.#rest.most)) this.#end(tooMany);
  }

  #end(slot: Slot): void {
    const { server } = slot;
    slot.server = undefined;
    if (server) slot.ending = server.then((running) => running.stop()).catch(() => {}); // one that never came up
  }

  /** Ends a fleet once the requests that it is answering are answered. */
  async retire(endpoint: Endpoint, fleet: Fleet): Promise<void> {
    await Promise.all(
      runningVariants(fleet).map(async (variant) => {
        const key = keyOf(endpoint, fleet, variant);
        const slot = this.#slots.get(key);
        if (slot) {
          if (slot.users > 0) await new Promise<void>((resolve) => slot.idle.push(resolve));
          this.#end(slot);
          await slot.ending;
          this.#slots.delete(key);
        }
        await rm(this.#directory(endpoint, fleet, variant), { recursive: true, force: true });
      }),
    );
  }

  #slot(endpoint: Endpoint, fleet: Fleet, variant: Variant): Slot {
    const key = keyOf(endpoint, fleet, variant);
    const slot = this.#slots.get(key) ?? {
      server: undefined,
      ending: Promise.resolve(),
      users: 0,
      idle: [],
      restingSince: 0,
    };
    this.#slots.set(key, slot);
    return slot;
  }

  async #server(endpoint: Endpoint, fleet: Fleet, variant: Variant): Promise<ModelServer> {
    const slot = this.#slot(endpoint, fleet, variant);
    const current = slot.server;
    if (current && (await isAlive(current))) return current;
    // Another request may have started it while this one looked.
    if (slot.server === current) slot.server = slot.ending.then(() => this.#start(endpoint, fleet, variant));
    return slot.server!;
  }

  async #start(endpoint: Endpoint, fleet: Fleet, variant: Variant): Promise<ModelServer> {
    const { cloud } = this.#platform;
    const role = await assumeForSageMaker(cloud, variant.roleArn, endpoint.arn);
    const logs = new LogStream(
      cloud,
      role,
      `/aws/sagemaker/Endpoints/${endpoint.name}`,
      `${variant.name}/i-${fleet.id}`,
    );
    const directory = this.#directory(endpoint, fleet, variant);
    try {
      return await ModelServer.start(this.#platform, variant.container, role, directory, (line) => logs.write(line));
    } catch (error) {
      if (!(error instanceof ModelServerError)) throw error;
      throw new ModelServerError(
        `The primary container for production variant ${variant.name} ${error.message}. Please check CloudWatch logs for this endpoint.`,
      );
    }
  }

  #directory(endpoint: Endpoint, fleet: Fleet, variant: Variant): string {
    return folder(this.#platform.cloud, 'endpoints', endpoint.name, fleet.id, variant.name);
  }
}

const keyOf = (endpoint: Endpoint, fleet: Fleet, variant: Variant): string =>
  `${endpoint.arn}/${fleet.id}/${variant.name}`;

const isAlive = (server: Promise<ModelServer>): Promise<boolean> =>
  server.then(
    ({ alive }) => alive,
    () => false,
  );
