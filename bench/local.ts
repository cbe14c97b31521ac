import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connectTo } from '../cli/connection.ts';
import { approvalLink, decideAt, readInbox } from '../cli/demo/approve-by-mail.ts';
import { isEnd, type ReleaseRow } from '../domain/release.ts';
import { CloudProcess } from './local/cloud-process.ts';
import { cloneFlights, eachOf, uploadAll } from './local/many-models.ts';
import type { BenchResult } from './run.ts';

/** `RELEASES=20 npm run bench -- local` tries fewer. */
const RELEASES = Number(process.env.RELEASES ?? 200);
const MOST_MEMORY = 2e9;
const STEP_MS = 60_000;
/** Retries of a full training quota go on for hours of the local clock. */
const MOST_STEPS = 2_000;

/** Many releases of as many models at once on one local cloud, with two training instances for all of them. */
export default async function local(): Promise<BenchResult> {
  const work = mkdtempSync(join(tmpdir(), 'launchway-bench-'));
  const cloud = await CloudProcess.start(work, {
    'ml.m5.large for training job usage': 2,
    'ml.m5.large for endpoint usage': 2 * RELEASES,
  });
  try {
    const began = Date.now();
    const connection = await connectTo(cloud.url, 'launchway-local');
    const models = await cloneFlights(RELEASES);
    // This machine is slower than a region: what waits for a processor must not time out.
    await cloud.control('pause', {});
    await uploadAll(connection, models);
    const releases = await runToTheEnd(
      cloud,
      connection,
      models.map(({ model }) => model),
    );
    const statuses = Object.groupBy(releases, ({ status }) => status);
    const result = {
      releases: releases.length,
      statuses: Object.fromEntries(Object.entries(statuses).map(([status, rows]) => [status, rows.length])),
      seconds: Math.round((Date.now() - began) / 100) / 10,
      peakMegabytes: Math.round(cloud.peakMemory / 1e6),
      ...(await cloud.control<{ lambdaInvocations: number; stateTransitions: number }>('counters')),
    };
    console.log(JSON.stringify(result, null, 2));
    for (const line of cloud.said.filter((line) => /failed|denied/i.test(line)).slice(0, 20))
      console.log(`  | ${line}`);
    return { result, missed: missedGoals(releases, result.peakMegabytes) };
  } finally {
    await cloud.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

function missedGoals(releases: readonly ReleaseRow[], peakMegabytes: number): string[] {
  const wrong = releases.filter(({ status }) => status !== 'Deployed');
  return [
    ...(releases.length === RELEASES ? [] : [`expected ${RELEASES} releases, got ${releases.length}`]),
    ...wrong.slice(0, 5).map(({ model, status, outcome }) => `${model} ended ${status}: ${outcome?.message}`),
    ...(wrong.length > 0 ? [`expected every release to be Deployed, got ${wrong.length} that are not`] : []),
    ...(peakMegabytes * 1e6 < MOST_MEMORY ? [] : [`expected less than 2 GB of memory, got ${peakMegabytes} MB`]),
  ];
}

/** Moves the clock and says yes to whatever is asked, until every model's release has ended. */
async function runToTheEnd(
  cloud: CloudProcess,
  connection: Connection,
  models: readonly string[],
): Promise<ReleaseRow[]> {
  const answered = new Set<string>();
  const ended = new Map<string, ReleaseRow>();
  const began = Date.now();
  for (let step = 0; step < MOST_STEPS && ended.size < models.length; step++) {
    await cloud.control('advance', { milliseconds: STEP_MS });
    const mails = (await readInbox(cloud.url, 'ada@example.com')).filter(({ id }) => !answered.has(id));
    await eachOf(mails, async (mail) => {
      answered.add(mail.id);
      if (mail.text.includes('/approvals/')) await decideAt(approvalLink([mail]), 'approve', 'gates passed');
    });
    await eachOf(
      models.filter((model) => !ended.has(model)),
      async (model) => {
        const [row] = await connection.lineage.listReleases(model);
        if (row && isEnd(row.status)) ended.set(model, row);
      },
    );
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`${String(seconds).padStart(5)} s  ${ended.size} ended, ${answered.size} mails answered`);
  }
  return (await Promise.all(models.map((model) => connection.lineage.listReleases(model)))).flat();
}
