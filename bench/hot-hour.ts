import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { DynamoDbMonitoringStore } from '../adapters/dynamodb-monitoring-store.ts';
import { S3ObjectStore } from '../adapters/s3-object-store.ts';
import { type Connection, connectTo } from '../cli/connection.ts';
import { approveByMail } from '../cli/demo/approve-by-mail.ts';
import { LocalClock } from '../cli/demo/local-clock.ts';
import { submitModel } from '../cli/submit-model.ts';
import { watchRelease } from '../cli/watch-release.ts';
import { CaptureCounter } from '../domain/capture/capture-counter.ts';
import { addTallies, emptyTally } from '../domain/capture/capture-layout.ts';
import type { Profile } from '../domain/drift/profile.ts';
import { baselineFromJson, profileFromJson } from '../domain/drift/profile-json.ts';
import { HOURS_AT_ONCE_BYTES } from '../domain/monitoring/capture-batches.ts';
import { captureDayPrefix } from '../domain/monitoring/keys.ts';
import { ProcessTree } from './hot-hour/process-tree.ts';
import { differences } from './hot-hour/profile-differences.ts';
import { writeFlightCaptures } from './hot-hour/write-captures.ts';
import { CloudProcess } from './local/cloud-process.ts';
import type { BenchResult } from './run.ts';

/** `RECORDS=300000 npm run bench -- hot-hour` tries fewer; below a gigabyte an hour is read by one function. */
const RECORDS = Number(process.env.RECORDS ?? 3_000_000);
const FILES = 48;
const MODEL = 'flight-delays';
const HOUR_MS = 3_600_000;

/** Millions of captured records in one hour, through the deployed local cloud: the Distributed Map, against one pass over the same files. */
export default async function hotHour(): Promise<BenchResult> {
  const work = mkdtempSync(join(tmpdir(), 'launchway-hot-hour-'));
  const cloud = await CloudProcess.start(work, {});
  try {
    const connection = await connectTo(cloud.url, 'launchway-local');
    const clock = new LocalClock(cloud.url);
    await deploy(connection, cloud.url, clock);
    const hour = new Date(Math.floor((await clock.now()) / HOUR_MS) * HOUR_MS).toISOString();
    const files = writeFlightCaptures(join(work, 'captures'), RECORDS, FILES);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    console.log(
      `${RECORDS.toLocaleString('en')} records in ${FILES} files, ${(bytes / 1e9).toFixed(2)} GB, of ${hour}`,
    );
    await upload(connection, hour, files);

    const tree = new ProcessTree(cloud.pid);
    const began = performance.now();
    await clock.advance(Date.parse(hour) + HOUR_MS + 16 * 60_000 - (await clock.now()));
    const profile = await profileOf(connection, hour, cloud);
    const wallSeconds = (performance.now() - began) / 1_000;
    const memory = tree.stop();

    const once = await onePass(connection, files);
    const wrong = differences(profile.profile, once.profile);
    const executions = await profileHours(connection);
    const result = {
      ...{ records: RECORDS, bytes, files: FILES, rows: profile.rows, distributed: executions > 0 },
      wallSeconds: round(wallSeconds),
      recordsPerSecond: Math.round(RECORDS / wallSeconds),
      ...{ peakFunctionMb: round(memory.largestChildBytes / 1e6), peakCloudMb: round(cloud.peakMemory / 1e6) },
      onePassSeconds: round(once.seconds),
      differences: wrong,
    };
    console.log(JSON.stringify(result, null, 2));
    return {
      result,
      missed: [
        ...(wrong.length === 0 ? [] : [`the numbers of a single pass, got ${wrong.length} that differ: ${wrong[0]}`]),
        ...(bytes > HOURS_AT_ONCE_BYTES === executions > 0 ? [] : ['the Distributed Map above a gigabyte an hour']),
        ...(profile.rows === once.rows ? [] : [`${once.rows} rows, got ${profile.rows}`]),
      ],
    };
  } finally {
    await cloud.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

async function deploy(connection: Connection, url: string, clock: LocalClock): Promise<void> {
  const { loadExample } = await import('../cli/example.ts');
  const { folder, trainingFile } = await loadExample(MODEL);
  const { release } = await submitModel(connection, { folder, trainingFile }, new Date(await clock.now()));
  const ended = await watchRelease(connection, MODEL, release as number, () => {}, {
    every: 200,
    fastForward: () => clock.advance(30_000),
    onAwaitingApproval: async () => void (await approveByMail(url, 'ada@example.com', 'gates passed')),
  });
  if (ended.status !== 'Deployed')
    throw new Error(`expected ${MODEL} to deploy, got ${ended.status}: ${ended.outcome?.message}`);
}

async function upload(
  { s3, prefix, account, lineage }: Connection,
  hour: string,
  files: readonly { readonly path: string }[],
): Promise<void> {
  const { team, champion } = await lineage.getModel(MODEL);
  const { version, endpointName } = champion!;
  const folder = `${captureDayPrefix({ team, model: MODEL, version, endpointName }, hour)}${hour.slice(11, 13)}`;
  const objects = new S3ObjectStore(account, s3);
  const bucket = `${prefix}-captures-${account}`;
  for (const [i, { path }] of files.entries()) {
    const key = `${folder}/${String(i).padStart(2, '0')}-00-000-hot.jsonl`;
    await objects.put({ bucket, key }, readFileSync(path), 'application/jsonlines');
  }
}

/** The hour as monitoring stored it. */
async function profileOf({ table, account, s3, lineage }: Connection, hour: string, cloud: CloudProcess) {
  const { champion } = await lineage.getModel(MODEL);
  const during = { start: hour, end: new Date(Date.parse(hour) + HOUR_MS).toISOString() };
  const [row] = await new DynamoDbMonitoringStore(table).listProfiles(MODEL, champion!.version, during);
  if (!row) throw new Error(`expected a profile of ${hour}, got none:\n${cloud.said.slice(-10).join('\n')}`);
  const text = await new S3ObjectStore(account, s3).readText(row.document);
  // Smoke tests of the deployment are among its records, and not among its rows.
  return { profile: profileFromJson(text), rows: row.tally.rows };
}

/** All files by one counter, in the order of their keys. */
async function onePass({ account, s3, lineage }: Connection, files: readonly { readonly path: string }[]) {
  const { champion } = await lineage.getModel(MODEL);
  const version = await lineage.getVersion(MODEL, champion!.version);
  const baseline = baselineFromJson(await new S3ObjectStore(account, s3).readText(version.baseline));
  const counter = new CaptureCounter(baseline, 0);
  const began = performance.now();
  let tally = emptyTally();
  for (const { path } of files) tally = addTallies(tally, await counter.count(chunksOf(path)));
  const profile: Profile = counter.profile();
  return { profile, rows: tally.rows, seconds: (performance.now() - began) / 1_000 };
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const bytes = readFileSync(path);
  for (let from = 0; from < bytes.length; from += 1 << 20) yield bytes.subarray(from, from + (1 << 20));
}

async function profileHours({ sfn, client, account, prefix }: Connection): Promise<number> {
  const stateMachineArn = `arn:aws:states:${client.region}:${account}:stateMachine:${prefix}-profile-hour`;
  return (await sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions!.length;
}
