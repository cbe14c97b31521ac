import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { CaptureContentTypeHeader, DataCaptureConfig } from '@aws-sdk/client-sagemaker';
import { assumeForSageMaker, folder, type Platform } from '../platform.ts';
import { joinS3Uri, parseS3Uri, RoleS3 } from '../role-s3.ts';
import { Chances } from '../unit-interval.ts';
import type { Endpoint } from './endpoint.ts';
import type { Route } from './traffic.ts';

const SPACE = 'sagemaker.capture-buffers';
const HOUR_MS = 3_600_000;
const FLUSH_AFTER_MS = 60_000;
const FLUSH_AT_BYTES = 1_000_000;
const MOST_ATTEMPTS = 5;

/** A file of records on its way to S3. The key is fixed when the file is begun, so writing it twice changes nothing. */
interface CaptureFile {
  readonly id: string;
  readonly endpoint: string;
  readonly endpointArn: string;
  readonly fleetId: string;
  readonly roleArn: string;
  readonly uri: string;
  readonly kmsKeyId?: string;
  /** Its hour, in milliseconds since the epoch. */
  readonly hour: number;
  readonly dueAt: number;
  attempts: number;
}

/** One answered request. */
export interface Captured {
  readonly input: Uint8Array;
  readonly inputType: string | undefined;
  readonly output: Uint8Array;
  readonly outputType: string;
  readonly inferenceId: string | undefined;
  readonly customAttributes: string | undefined;
  readonly eventId: string;
}

/**
 * Data capture in SageMaker's own format: one JSON record per request, in files by hour of the inference.
 *
 * Records are appended to a local file at once, so nothing is lost when the process dies, and the file goes to S3 after a
 * minute, when it is large, before its hour ends, and when its fleet does.
 */
export class DataCapture {
  readonly #platform: Platform;
  readonly #open = new Map<string, CaptureFile>();
  readonly #chances = new Chances();
  readonly #flushing = new Map<string, Promise<void>>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Flushes what an earlier process left. */
  resume(): void {
    const { cloud } = this.#platform;
    for (const { value } of cloud.store.list<CaptureFile>(SPACE))
      this.#arm(value, Math.min(value.dueAt, cloud.clock.now()));
  }

  /** @returns whether the request is captured: InitialSamplingPercentage of them are, by chance */
  record(endpoint: Endpoint, route: Route, captured: Captured): boolean {
    const config = route.fleet.capture;
    if (!config?.EnableCapture) return false;
    const chance = this.#chances.next(`${endpoint.name}/${route.variant.name}`);
    if (chance * 100 >= (config.InitialSamplingPercentage ?? 0)) return false;
    const key = `${route.fleet.id}/${route.variant.name}`;
    const now = this.#platform.cloud.clock.now();
    const buffer = this.#bufferFor(key, endpoint, route, config, now);
    appendFileSync(this.#file(buffer), `${JSON.stringify(captureRecord(config, captured, now))}\n`);
    if (statSync(this.#file(buffer)).size >= FLUSH_AT_BYTES) void this.#platform.cloud.track(this.#flush(buffer));
    return true;
  }

  /** Resolves when all records of a fleet are in S3. */
  async flushFleet(endpoint: string, fleetId: string): Promise<void> {
    const buffers = this.#platform.cloud.store.list<CaptureFile>(SPACE).map((entry) => entry.value);
    for (const buffer of buffers) {
      if (buffer.endpoint === endpoint && buffer.fleetId === fleetId) await this.#flush(buffer);
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#flushing.values());
  }

  #bufferFor(key: string, endpoint: Endpoint, route: Route, config: DataCaptureConfig, now: number): CaptureFile {
    const hour = now - (now % HOUR_MS);
    const open = this.#open.get(key);
    if (open?.hour === hour) return open;
    const id = randomUUID();
    const at = new Date(now).toISOString();
    const [date, time] = [at.slice(0, 10).replaceAll('-', '/'), at.slice(14, 23).replace(/[:.]/g, '-')];
    const path = `${endpoint.name}/${route.variant.name}/${date}/${at.slice(11, 13)}/${time}-${id}.jsonl`;
    const buffer: CaptureFile = {
      id,
      endpoint: endpoint.name,
      endpointArn: endpoint.arn,
      fleetId: route.fleet.id,
      roleArn: route.variant.roleArn,
      uri: joinS3Uri(config.DestinationS3Uri!, path),
      ...(config.KmsKeyId && { kmsKeyId: config.KmsKeyId }),
      hour,
      dueAt: Math.min(now + FLUSH_AFTER_MS, hour + HOUR_MS - 1),
      attempts: 0,
    };
    mkdirSync(folder(this.#platform.cloud, 'capture'), { recursive: true });
    this.#platform.cloud.store.put(SPACE, id, buffer);
    this.#open.set(key, buffer);
    this.#arm(buffer, buffer.dueAt);
    return buffer;
  }

  #arm(buffer: CaptureFile, dueAt: number): void {
    const { cloud } = this.#platform;
    cloud.clock.at(dueAt, () => void cloud.track(this.#flush(buffer)));
  }

  #flush(buffer: CaptureFile): Promise<void> {
    const flushing =
      this.#flushing.get(buffer.id) ?? this.#write(buffer).finally(() => this.#flushing.delete(buffer.id));
    this.#flushing.set(buffer.id, flushing);
    return flushing;
  }

  async #write(buffer: CaptureFile): Promise<void> {
    const { cloud } = this.#platform;
    // Closed first: what comes from now on goes to another file.
    for (const [key, open] of this.#open) if (open.id === buffer.id) this.#open.delete(key);
    if (!cloud.store.get(SPACE, buffer.id)) return;
    try {
      const role = await assumeForSageMaker(cloud, buffer.roleArn, buffer.endpointArn);
      await new RoleS3(cloud, role).upload(
        parseS3Uri(buffer.uri),
        await readRecords(this.#file(buffer)),
        buffer.kmsKeyId,
      );
    } catch (error) {
      this.#again(buffer);
      throw new Error(
        `captured records of endpoint ${buffer.endpoint} not written to ${buffer.uri}: ${(error as Error).message}`,
      );
    }
    cloud.store.delete(SPACE, buffer.id);
    await rm(this.#file(buffer), { force: true });
  }

  /** Another attempt in a minute, five in all; the file stays and is tried again after a restart. */
  #again(buffer: CaptureFile): void {
    const { cloud } = this.#platform;
    buffer.attempts++;
    if (!this.#platform.stopped && buffer.attempts < MOST_ATTEMPTS)
      this.#arm(buffer, cloud.clock.now() + FLUSH_AFTER_MS);
  }

  #file(buffer: CaptureFile): string {
    return folder(this.#platform.cloud, 'capture', `${buffer.id}.jsonl`);
  }
}

async function readRecords(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  // A line that a kill cut off was never answered.
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1);
}

function captureRecord(config: DataCaptureConfig, captured: Captured, now: number) {
  const modes = (config.CaptureOptions ?? []).map((option) => option.CaptureMode);
  const header = config.CaptureContentTypeHeader;
  return {
    captureData: {
      ...(modes.includes('Input') && { endpointInput: payload('INPUT', captured.input, captured.inputType, header) }),
      ...(modes.includes('Output') && {
        endpointOutput: payload('OUTPUT', captured.output, captured.outputType, header),
      }),
    },
    eventMetadata: {
      eventId: captured.eventId,
      ...(captured.customAttributes && { customAttributes: [captured.customAttributes] }),
      ...(captured.inferenceId && { inferenceId: captured.inferenceId }),
      inferenceTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
    },
    eventVersion: '0',
  };
}

/** CSV and JSON are kept as text where the configuration lists their content type; everything else is base64. */
function payload(
  mode: 'INPUT' | 'OUTPUT',
  data: Uint8Array,
  observedContentType: string | undefined,
  header: CaptureContentTypeHeader | undefined,
) {
  const type = (observedContentType ?? '').split(';')[0]!.trim().toLowerCase();
  const listed = (types: readonly string[] | undefined) => types?.some((candidate) => candidate.toLowerCase() === type);
  const encoding = listed(header?.CsvContentTypes) ? 'CSV' : listed(header?.JsonContentTypes) ? 'JSON' : 'BASE64';
  return {
    ...(observedContentType && { observedContentType }),
    mode,
    data: Buffer.from(data).toString(encoding === 'BASE64' ? 'base64' : 'utf8'),
    encoding,
  };
}
