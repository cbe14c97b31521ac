import { ListModelsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { predict } from '../../cli/demo/predict.ts';
import { type Flight, flightsOf, quietFlights, toCsv, toRequest } from '../../examples/flight-delays/flights.ts';
import type { RoleUse } from '../../local/iam/usage.ts';
import { ModelRoom } from '../support/model-room.ts';
import { runCli } from '../support/run-cli.ts';

const MODEL = 'aging';
const HOUR_MS = 3_600_000;
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

async function deploy(flights: readonly Flight[]): Promise<void> {
  const upload = await room.upload(MODEL, toCsv(flights), `${flights.length}.csv`);
  await room.release(MODEL, upload, 'AwaitingApproval');
  await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
  await room.release(MODEL, upload, 'Deployed');
}

/** Every hour that passes is one of monitoring. */
const later = (hours: number) => room.cloud.cloud.clock.advance(hours * HOUR_MS);

/** Asks the endpoint, as callers do, and uploads what became of it. @returns the scores */
async function predictAndLabel(flights: readonly Flight[], call: string): Promise<number[]> {
  const { client } = room.connection;
  const ids = flights.map(({ flight_id }) => `${call}-${flight_id}`);
  const scores = await predict(client, `launchway-local-${MODEL}`, flights.map(toRequest), ids);
  const labels = flights.map(({ delayed }, i) => `${ids[i]},${delayed}`);
  await room.put(`models/${MODEL}/labels/${call}.csv`, `flight_id,delayed\n${labels.join('\n')}\n`);
  return scores;
}

/** Share of pairs of a late and a punctual flight that are in order; ties count half. */
function aucByPairs(scores: readonly number[], flights: readonly Flight[]): number {
  let [won, pairs] = [0, 0];
  flights.forEach((late, i) => {
    if (late.delayed === '0') return;
    flights.forEach((other, j) => {
      if (other.delayed === '1') return;
      pairs += 1;
      won += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    });
  });
  return won / pairs;
}

/** `launchway staleness`, while time passes. */
async function staleness(...options: string[]) {
  const run = runCli(['staleness', MODEL, '--json', ...options], { stateDir: room.cloud.stateDir });
  let ended = false;
  void run.finally(() => (ended = true));
  await room.until('the end of a measurement', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return ended;
  });
  const { code, stdout, stderr } = await run;
  return { code, stderr, said: stdout === '' ? undefined : JSON.parse(stdout) };
}

it('holds the last versions against each other on rows that are new to both, on the local cloud', async () => {
  const recent = quietFlights(600);
  await room.define(MODEL, { more: 'monitoring: { stalenessEveryDays: 1 }\n' });
  await deploy(flightsOf('2001-01').slice(0, 1_500));
  await later(2);
  // What the former version was asked before the next one's data came may be among that data.
  const former = await predictAndLabel(recent, 'before');
  await later(30);
  await deploy(flightsOf('2001-01').slice(0, 4_000));

  const tooEarly = await staleness();
  expect(tooEarly.code).toBe(1);
  expect(tooEarly.said).toMatchObject({ status: 'Failed', failure: { error: 'TooFewLabelledRowsError' } });
  expect(tooEarly.said.failure.message).toMatch(
    /expected 200 labelled predictions since .*, got 0 of 0 .*version 2 learnt/,
  );

  await later(2);
  const serving = await predictAndLabel(recent, 'after');
  await later(2);
  const { code, said, stderr } = await staleness('--versions', '3', '--days', '30');
  expect([code, stderr]).toEqual([0, '']);
  const { report } = said;
  expect(report).toMatchObject({ model: MODEL, champion: 2, metric: 'auc' });
  expect(report.measuredOn).toMatchObject({
    rows: 600,
    labelled: 600,
    predictions: 600,
    unread: 0,
    labelFilesLeftOut: 0,
  });
  expect(report.versions.map(({ version, serves }: any) => [version, serves])).toEqual([
    [2, true],
    [1, false],
  ]);
  const [second, first] = report.versions;
  // Live answers are what the same bytes say in a batch transform.
  expect(second.intervals.auc.value).toBeCloseTo(aucByPairs(serving, recent), 12);
  expect(first.intervals.auc.value).toBeCloseTo(aucByPairs(former, recent), 12);
  expect(first.differences.auc.value).toBeCloseTo(first.intervals.auc.value - second.intervals.auc.value, 12);
  expect(first.ageDays - second.ageDays).toBeGreaterThan(1.3);
  expect(first.ageDays - second.ageDays).toBeLessThan(1.5);
  expect(report.ageing).toMatchObject({ older: 1, newer: 2 });

  // A day after somebody asked, monitoring asks by itself.
  await later(24);
  await predictAndLabel(recent.slice(0, 50), 'more');
  const store = new DynamoDbStalenessStore(room.connection.table);
  const byItself = await room.until('a measurement that nobody asked for', async () => {
    const [newest] = await store.list(MODEL, 1);
    return newest?.origin.startsWith('schedule/') && newest.status !== 'Asked' && newest;
  });
  expect(byItself).toMatchObject({ status: 'Measured', askedBy: { principal: 'launchway:measure-quality' } });

  const models = await new SageMakerClient(room.connection.client).send(new ListModelsCommand({ NameContains: '-s' }));
  expect(models.Models?.filter(({ ModelName }) => /-s[0-9a-f]{8}-v/.test(ModelName!))).toEqual([]);
  const chain = await new DynamoDbAuditTrail(room.connection.table).list(MODEL);
  expect(chain.filter(({ type }) => type.startsWith('Staleness')).map(({ type, actor }) => [type, actor])).toEqual([
    ['StalenessAsked', 'dana-scientist'],
    ['StalenessNotMeasured', 'launchway:evaluate-staleness'],
    ['StalenessAsked', 'dana-scientist'],
    ['StalenessMeasured', 'launchway:evaluate-staleness'],
    ['StalenessAsked', 'launchway:measure-quality'],
    ['StalenessMeasured', 'launchway:evaluate-staleness'],
  ]);

  const shown = await runCli(['staleness', MODEL, '--last', '--metric', 'brier'], { stateDir: room.cloud.stateDir });
  expect(shown.stdout).toMatch(/v2 serves +.*\nv1 +/);
  expect(shown.stdout).toMatch(/brier \(95 %\) +against v2/);
  expect(shown.stdout).toContain(byItself.measured!.inWords);
  const status = await runCli(['status', MODEL], { stateDir: room.cloud.stateDir });
  expect(status.stdout).toContain(`: ${byItself.measured!.inWords}\n`);

  const roles = (await (await fetch(`${room.cloud.url}/_launchway/permissions`)).json()) as RoleUse[];
  // Beside what every function that writes rows or objects is given, and what only a failure needs.
  const always =
    /^(logs:|s3:(AbortMultipartUpload|GetObjectVersion|ListBucket)|dynamodb:(UpdateItem|ConditionCheckItem)|sagemaker:StopTransformJob)/;
  const granted = roles.filter(({ role }) => /MeasureStaleness/.test(role)).flatMap(({ permissions }) => permissions);
  expect(granted.length).toBeGreaterThan(20);
  const unused = granted.filter(({ action, used }) => !used && !always.test(action)).map(({ action }) => action);
  expect(unused).toEqual([]);
}, 240_000);
