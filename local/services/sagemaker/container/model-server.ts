import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../../../container/processes.ts';
import type { Principal } from '../../../service.ts';
import { extractArchive } from '../archive.ts';
import type { ModelContainer } from '../models.ts';
import type { Platform } from '../platform.ts';
import { parseS3Uri, RoleS3 } from '../role-s3.ts';
import { resolveImage } from './image.ts';

/** A container has this long to answer `/ping` with 200. */
const PING_LIMIT_MS = 60_000;
const PING_EVERY_MS = 25;
const EXIT_NOTICE_MS = 100;

/** What a container answered to `/invocations`. */
export interface ContainerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly customAttributes?: string;
  readonly body: Buffer;
}

export interface ContainerRequest {
  readonly body: Uint8Array;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly customAttributes?: string | undefined;
  /** Real milliseconds. */
  readonly timeoutMs: number;
}

/** Why a container cannot serve, in the words of a FailureReason. */
export class ModelServerError extends Error {
  override readonly name = 'ModelServerError';
}

/** There is no answer to a request. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly timedOut: boolean;

  constructor(message: string, timedOut: boolean) {
    super(message);
    this.timedOut = timedOut;
  }
}

/** One `serve` process of a model, reached on a port of its own. */
export class ModelServer {
  readonly digest: string;
  readonly #running: Running;
  readonly #url: string;

  private constructor(digest: string, running: Running, url: string) {
    this.digest = digest;
    this.#running = running;
    this.#url = url;
  }

  /**
   * Downloads the model archive as the model's role, starts `serve` and waits until it answers `/ping`.
   *
   * @param directory gets the unpacked model; emptied first
   * @param onLine each line the program writes
   * @throws {ModelServerError} where it does not come up within 60 seconds
   */
  static async start(
    platform: Platform,
    container: ModelContainer,
    role: Principal,
    directory: string,
    onLine: (line: string) => void,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ModelServer> {
    const image = await resolveImage(platform.cloud, platform.images, container.image, 'serve', role);
    await prepareModel(platform, container, role, directory);
    const port = await freePort();
    const program = image.program('serve', {
      HOME: join(directory, 'tmp'),
      TMPDIR: join(directory, 'tmp'),
      ...container.environment,
      ...env,
      SM_OPT_ML: directory,
      SM_MODEL_DIR: join(directory, 'model'),
      SAGEMAKER_BIND_TO_PORT: String(port),
      SAGEMAKER_BIND_TO_HOST: '127.0.0.1',
    });
    const running = platform.processes.start(program, onLine);
    const server = new ModelServer(image.digest, running, `http://127.0.0.1:${port}`);
    await server.#awaitPing();
    return server;
  }

  get alive(): boolean {
    return this.#running.alive;
  }

  /** @throws {NoAnswerError} where the container closes the connection or does not answer in time */
  async invoke(request: ContainerRequest): Promise<ContainerAnswer> {
    try {
      return await this.#post(request);
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'TimeoutError')
        throw new NoAnswerError('timed out while waiting for a response from the container', true);
      // A container that died under the request is known as dead a moment later; the next request must not meet it.
      await Promise.race([this.#running.exited, delay(EXIT_NOTICE_MS)]);
      throw new NoAnswerError(`the container closed the connection: ${message}`, false);
    }
  }

  async #post(request: ContainerRequest): Promise<ContainerAnswer> {
    const response = await fetch(`${this.#url}/invocations`, {
      method: 'POST',
      body: Buffer.from(request.body),
      headers: {
        'content-type': request.contentType ?? 'application/octet-stream',
        ...(request.accept && { accept: request.accept }),
        ...(request.customAttributes && { 'x-amzn-sagemaker-custom-attributes': request.customAttributes }),
      },
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    const customAttributes = response.headers.get('x-amzn-sagemaker-custom-attributes');
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'application/octet-stream',
      ...(customAttributes !== null && { customAttributes }),
      body: Buffer.from(await response.arrayBuffer()),
    };
  }

  async stop(): Promise<void> {
    this.#running.kill('SIGKILL');
    await this.#running.exited;
  }

  async #awaitPing(): Promise<void> {
    const limit = Date.now() + PING_LIMIT_MS;
    while (this.#running.alive && Date.now() < limit) {
      if (await this.#pings()) return;
      await Promise.race([delay(PING_EVERY_MS), this.#running.exited]);
    }
    const died = !this.#running.alive;
    await this.stop();
    const { code } = await this.#running.exited;
    throw new ModelServerError(
      died ? `exited with code ${code} before it answered /ping` : 'did not pass the ping health check',
    );
  }

  async #pings(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/ping`, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      // Not listening yet; the caller's limit decides.
      return false;
    }
  }
}

async function prepareModel(
  platform: Platform,
  container: ModelContainer,
  role: Principal,
  directory: string,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'tmp'), { recursive: true });
  await mkdir(join(directory, 'model'), { recursive: true });
  if (container.modelDataUrl === undefined) return;
  const archive = join(directory, 'model.tar.gz');
  try {
    await new RoleS3(platform.cloud, role).download(parseS3Uri(container.modelDataUrl), archive);
    await extractArchive(createReadStream(archive), join(directory, 'model'));
  } catch (error) {
    throw new ModelServerError(
      `could not load model data from ${container.modelDataUrl}: ${(error as Error).name}: ${(error as Error).message}`,
    );
  }
  await rm(archive);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
