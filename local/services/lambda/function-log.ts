import { type Cloud, type Principal, ServiceError } from '../../service.ts';

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** Writes one process's lines to CloudWatch Logs with the function's own permissions, in order. */
export class FunctionLog {
  readonly #cloud: Cloud;
  readonly #principal: Principal;
  readonly #group: string;
  readonly #stream: string;
  #created: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(cloud: Cloud, principal: Principal, group: string, stream: string) {
    this.#cloud = cloud;
    this.#principal = principal;
    this.#group = group;
    this.#stream = stream;
  }

  /** Background work: a role without log permissions loses its lines, as in AWS, but here the cloud reports it. */
  write(lines: readonly LogLine[]): void {
    const before = this.#last;
    const work = (async () => {
      await before.catch(() => {});
      this.#created ??= this.#create();
      await this.#created;
      await this.#call('PutLogEvents', { logEvents: lines, logStreamName: this.#stream });
    })();
    this.#last = work;
    void this.#cloud.track(work);
  }

  async #create(): Promise<void> {
    try {
      await this.#call('CreateLogStream', { logStreamName: this.#stream });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'ResourceNotFoundException') throw error;
      await this.#call('CreateLogGroup', {});
      await this.#call('CreateLogStream', { logStreamName: this.#stream });
    }
  }

  async #call(operation: string, input: object): Promise<void> {
    await this.#cloud.call({
      service: 'logs',
      operation,
      principal: this.#principal,
      input: { logGroupName: this.#group, ...input },
    });
  }
}
