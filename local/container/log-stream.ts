import type { Cloud, Principal } from '../service.ts';
import { ServiceError } from '../service.ts';

const BATCH = 1000;
/** CloudWatch Logs refuses longer events. */
const LONGEST = 256 * 1024 - 26;

/** Lines of one container on their way to CloudWatch Logs, written with the container's role. */
export class LogStream {
  readonly #cloud: Cloud;
  readonly #principal: Principal;
  readonly #group: string;
  readonly #stream: string;
  #pending: { timestamp: number; message: string }[] = [];
  #writing: Promise<void> | undefined;
  #refused = false;
  #created = false;

  constructor(cloud: Cloud, principal: Principal, group: string, stream: string) {
    this.#cloud = cloud;
    this.#principal = principal;
    this.#group = group;
    this.#stream = stream;
  }

  write(line: string): void {
    // CloudWatch Logs takes no empty event; an empty line of a container is none.
    if (this.#refused || line === '') return;
    this.#pending.push({ timestamp: this.#cloud.clock.now(), message: line.slice(0, LONGEST) });
    this.#writing ??= this.#start();
  }

  /** Creates the stream before anything is written. @throws {ServiceError} the role may not */
  async open(): Promise<void> {
    if (!this.#created) await this.#create();
  }

  /** Resolves when everything written so far is stored or refused. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #start(): Promise<void> {
    // A job without permission to log still runs, as on AWS; here the refusal is reported once.
    return this.#cloud
      .track(this.#writeAll())
      .catch(() => {
        this.#refused = true;
        this.#pending = [];
      })
      .finally(() => {
        this.#writing = undefined;
        if (this.#pending.length > 0) this.#writing = this.#start();
      });
  }

  async #writeAll(): Promise<void> {
    if (!this.#created) await this.#create();
    while (this.#pending.length > 0) {
      await this.#call('PutLogEvents', {
        logGroupName: this.#group,
        logStreamName: this.#stream,
        logEvents: this.#pending.splice(0, BATCH),
      });
    }
  }

  async #create(): Promise<void> {
    await this.#unlessThere('CreateLogGroup', { logGroupName: this.#group });
    await this.#unlessThere('CreateLogStream', { logGroupName: this.#group, logStreamName: this.#stream });
    this.#created = true;
  }

  async #unlessThere(operation: string, input: object): Promise<void> {
    try {
      await this.#call(operation, input);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'ResourceAlreadyExistsException') throw error;
    }
  }

  #call(operation: string, input: object): Promise<unknown> {
    return this.#cloud.call({ service: 'logs', operation, principal: this.#principal, input });
  }
}
