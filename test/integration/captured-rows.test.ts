import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { predict } from '../../cli/demo/predict.ts';
import { flightsOf, quietFlights, toCsv, toRequest } from '../../examples/flight-delays/flights.ts';
import type { RoleUse } from '../../local/iam/usage.ts';
import { ModelRoom } from '../support/model-room.ts';

const MODEL = 'learning';
const ENDPOINT = `launchway-local-${MODEL}`;
const HOUR_MS = 3_600_000;
const RETRAINED = 'release: { startOn: schedule }\nmonitoring: { onDrift: retrain, retrain: { rows: captures } }\n';
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

/** Every hour that passes is one of monitoring. */
const later = (hours: number) => room.cloud.cloud.clock.advance(hours * HOUR_MS);

it('trains on predictions whose labels were uploaded, together with what served them learnt from, on the local cloud', async () => {
  const { client, lineage, table } = room.connection;
  const flights = quietFlights(600);
  await room.define(MODEL, { more: RETRAINED });
  const upload = await room.upload(MODEL, toCsv(flightsOf('2001-01').slice(0, 1_500)));
  await room.release(MODEL, upload, 'AwaitingApproval');
  await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
  await room.release(MODEL, upload, 'Deployed');

  await later(2);
  const ids = flights.map(({ flight_id }) => `live-${flight_id}`);
  await predict(client, ENDPOINT, flights.map(toRequest), ids);
  const labels = flights.map(({ delayed }, i) => `${ids[i]},${delayed}`);
  await room.put(`models/${MODEL}/labels/all.csv`, `flight_id,delayed\n${labels.join('\n')}\n`);
  await room.put(
    `models/${MODEL}/requests/new-rows.json`,
    JSON.stringify({ schema: 'launchway/request/v1', action: 'retrain', reason: 'six hundred new rows' }),
  );
  const monitoring = new DynamoDbMonitoringStore(table);
  const [asked] = await room.until('an answer to who asked', async () => {
    const decisions = await monitoring.listRetrainDecisions(MODEL);
    return decisions.length > 0 && decisions;
  });
  expect(asked).toMatchObject({ decision: 'refused', rule: 'rows-on-their-way' });

  const release = await room.until('a release of captured rows', async () =>
    (await lineage.listReleases(MODEL)).find(
      ({ release: number, status }) => number === 2 && status === 'AwaitingApproval',
    ),
  );
  expect(release.reason).toContain('six hundred new rows; data: models/learning/data/captured/');
  expect(release.submitter.person).toBeUndefined();
  const { trainRows, holdoutRows } = release.steps.prepared!;
  expect(trainRows + holdoutRows).toBe(1_500 + 600);
  expect(release.steps.dataset).toMatchObject({ files: 2 });
  await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
  await room.until('the second version', async () => (await lineage.getModel(MODEL)).champion?.version === 2);

  const chain = (await new DynamoDbAuditTrail(table).list(MODEL)).map(({ type, actor }) => [type, actor]);
  expect(chain).toContainEqual(['RetrainingStarted', 'launchway:govern-retraining']);
  expect(chain.filter(([type]) => type === 'RetrainingStarted')).toHaveLength(1);

  const roles = (await (await fetch(`${room.cloud.url}/_launchway/permissions`)).json()) as RoleUse[];
  const granted = roles
    .filter(({ role }) => /MonitorModelFunctionsGover/.test(role))
    .flatMap(({ permissions }) => permissions);
  const unused = granted.filter(({ action, used }) => action.startsWith('s3:') && !used).map(({ action }) => action);
  // Given with every permission to write; needed for large files only.
  expect([...new Set(unused)]).toEqual(['s3:AbortMultipartUpload']);
}, 240_000);
