import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { type Connection, connectTo } from '../../cli/connection.ts';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { LocalClock } from '../../cli/demo/local-clock.ts';
import { type Example, loadExample } from '../../cli/example.ts';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import type { MortalCloud } from './mortal-cloud.ts';

const MODEL = 'flight-delays';
const PREDICTIONS = 240;
const AT_ONCE = 4;
const DAY = 86_400_000;
const PATIENCE_MS = 120_000;

/** What the client was told, to be compared with what the cloud holds at the end. */
export interface Told {
  readonly connection: Connection;
  /** Versions of uploads that S3 acknowledged. */
  readonly uploads: readonly string[];
  /** Inference ids of predictions that were answered. */
  readonly predictions: readonly string[];
  /** ISO date of the day that was predicted on and checked. */
  readonly day: string;
}

/** The demonstration's release, by a client that goes on where the cloud was killed under it. */
export async function tellStory(cloud: MortalCloud): Promise<Told> {
  const example = await loadExample(MODEL);
  const connection = await cloud.patiently(() => connectTo(cloud.url, 'launchway-local', example.submitter));
  const clock = new LocalClock(cloud.url);
  cloud.doing = 'upload';
  const uploads = await upload(cloud, connection, clock, example);
  await followReleases(cloud, connection, clock);
  cloud.doing = 'predict';
  await advanceToNextDay(cloud, clock);
  const day = new Date(await cloud.patiently(() => clock.now())).toISOString().slice(0, 10);
  const predictions = await predict(cloud, connection, example);
  cloud.doing = 'window';
  await advanceToNextDay(cloud, clock);
  return { connection, uploads, predictions, day };
}

async function upload(
  cloud: MortalCloud,
  { s3, lineage, account }: Connection,
  clock: LocalClock,
  example: Example,
): Promise<string[]> {
  const versions: string[] = [];
  // A message that a killed function held is visible again minutes later.
  const admitted = (what: string, look: () => Promise<unknown>) =>
    until(`${what} to be admitted`, async () => {
      const found = await look();
      if (!found) await cloud.patiently(() => clock.advance(5_000));
      return found;
    });
  const put = async (name: string, Body: string) => {
    const Key = `models/${MODEL}/${name}`;
    const Bucket = `launchway-local-intake-${account}`;
    const { VersionId } = await cloud.patiently(() => s3.send(new PutObjectCommand({ Bucket, Key, Body })));
    versions.push(`${Key}#${VersionId}`);
  };
  await put('model.yaml', readFileSync(join(example.folder, 'model.yaml'), 'utf8'));
  await admitted('the definition', async () => await cloud.patiently(() => lineage.findModel(MODEL)));
  await put('data/train.csv', example.trainingFile.text());
  await admitted('the dataset', async () => (await cloud.patiently(() => lineage.getModel(MODEL))).releases > 0);
  return versions;
}

/** Decides what people are asked, and moves the clock over every other wait, until no release runs. */
async function followReleases(cloud: MortalCloud, connection: Connection, clock: LocalClock): Promise<void> {
  const { lineage } = connection;
  await until('every release to end', async () => {
    const model = await cloud.patiently(() => lineage.getModel(MODEL));
    const releases = await cloud.patiently(() => lineage.listReleases(MODEL));
    const open = releases.find(({ status }) => !isEnd(status));
    if (!open) return model.activeRelease === undefined && model.queued === undefined;
    cloud.doing = open.status;
    const asked = open.status === 'AwaitingApproval' && open.steps.approval !== undefined;
    if (!asked || (await decided(cloud, connection, open))) await cloud.patiently(() => clock.advance(30_000));
    else await approve(cloud, connection, open);
    return false;
  });
}

const decided = (cloud: MortalCloud, { table }: Connection, release: ReleaseRow): Promise<boolean> =>
  cloud.patiently(async () => {
    const votes = await table.query(`APPROVAL#${release.steps.approval!.requestId}`, 'VOTE#');
    return votes.length > 0;
  });

async function approve(cloud: MortalCloud, connection: Connection, release: ReleaseRow): Promise<void> {
  await cloud.patiently(
    async () => {
      await approveByMail(cloud.url, 'ada@example.com', 'gates passed');
      return true;
    },
    async () => (await decided(cloud, connection, release)) || undefined,
  );
}

async function predict(cloud: MortalCloud, { client }: Connection, example: Example): Promise<string[]> {
  const runtime = new SageMakerRuntimeClient({ ...client, maxAttempts: 1 });
  const rows = example.requests('quiet', 0, PREDICTIONS);
  let next = 0;
  const worker = async () => {
    for (let row = next++; row < rows.length; row = next++) {
      const request = new InvokeEndpointCommand({
        EndpointName: `launchway-local-${MODEL}`,
        ContentType: 'text/csv',
        Accept: 'text/csv',
        Body: Buffer.from(rows[row]!),
        InferenceId: `row-${row}`,
      });
      await cloud.patiently(() => runtime.send(request));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return rows.map((_, row) => `row-${row}`);
}

/** To half an hour past the next midnight, in as many moves as the kills make of it. */
async function advanceToNextDay(cloud: MortalCloud, clock: LocalClock): Promise<void> {
  const now = await cloud.patiently(() => clock.now());
  const target = (Math.floor(now / DAY) + 1) * DAY + DAY / 48;
  await cloud.patiently(async () => {
    const rest = target - (await clock.now());
    if (rest > 0) await clock.advance(rest);
  });
}

async function until(what: string, look: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) if (await look()) return;
  throw new Error(`expected ${what} within ${PATIENCE_MS / 1000} s, got nothing`);
}
