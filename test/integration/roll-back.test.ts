import {
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { SageMakerHostingInventory } from '../../adapters/sagemaker-hosting-inventory.ts';
import { sweepHosting } from '../../cli/commands/sweep.ts';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { predict } from '../../cli/demo/predict.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import { quietFlights, toRequest } from '../../examples/flight-delays/flights.ts';
import { januaryFlights, ModelRoom } from '../support/model-room.ts';

const MODEL = 'returning';
const ENDPOINT = `launchway-local-${MODEL}`;
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

async function deploy(rows: number): Promise<void> {
  const upload = await room.upload(MODEL, januaryFlights(rows), `${rows}.csv`);
  await room.release(MODEL, upload, 'AwaitingApproval');
  await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
  await room.release(MODEL, upload, 'Deployed');
}

/** A request as `launchway rollback` uploads it. @returns the rollback at its end */
async function rollBack(body: Readonly<Record<string, unknown>>): Promise<RollbackRow> {
  const request = { schema: 'launchway/request/v1', action: 'roll-back', ...body };
  const { key, versionId } = await room.put(`models/${MODEL}/requests/${body.reason}.json`, JSON.stringify(request));
  const store = new DynamoDbRollbackStore(room.connection.table);
  return room.until(`the end of a rollback of ${MODEL}`, async () => {
    const row = (await store.list(MODEL)).find(({ origin }) => origin === `upload/${key}#${versionId}`);
    return row && row.status !== 'Requested' && row;
  });
}

const configuration = async () => {
  const sagemaker = new SageMakerClient(room.connection.client);
  return (await sagemaker.send(new DescribeEndpointCommand({ EndpointName: ENDPOINT }))).EndpointConfigName;
};

/** The model registry as other tools see it: approval and stage per version, newest first. */
async function registry() {
  const sagemaker = new SageMakerClient(room.connection.client);
  const list = new ListModelPackagesCommand({
    ModelPackageGroupName: ENDPOINT,
    SortBy: 'CreationTime',
    SortOrder: 'Descending',
  });
  const { ModelPackageSummaryList: packages = [] } = await sagemaker.send(list);
  const [newest] = packages;
  const details = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: newest!.ModelPackageArn }));
  const standing = packages.map(
    ({ ModelApprovalStatus: approval, ModelLifeCycle: cycle }) => `${approval} ${cycle?.Stage}/${cycle?.StageStatus}`,
  );
  return { standing, details };
}

it('puts a former version back on the local cloud, and forward again, each proved', async () => {
  await room.define(MODEL);
  await deploy(1_500);
  const first = await configuration();
  await deploy(1_600);
  const second = await configuration();
  expect(second).not.toBe(first);

  const { standing, details } = await registry();
  expect(standing).toEqual(['Approved Production/Serving', 'Approved Production/Retired']);
  expect(details).toMatchObject({
    ModelMetrics: {
      ModelQuality: { Statistics: { S3Uri: expect.stringMatching(/\/releases\/2\/evaluation\.json$/) } },
      ModelDataQuality: { Constraints: { S3Uri: expect.stringMatching(/\/constraints\.json$/) } },
    },
    DriftCheckBaselines: { ModelDataQuality: { Statistics: { S3Uri: expect.stringMatching(/\/statistics\.json$/) } } },
    CustomerMetadataProperties: {
      ...{ version: '2', release: '2', comparedWith: '1' },
      'metric.auc': expect.stringMatching(/^0\.\d+$/),
      approvalDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });

  expect(await rollBack({ reason: 'nonsense' })).toMatchObject({
    ...{ status: 'RolledBack', from: 2, to: 1, requestedBy: { person: 'dana-scientist' } },
    proof: { endpointConfigName: first },
  });
  expect(await configuration()).toBe(first);
  expect((await registry()).standing).toEqual(['Rejected Production/RolledBack', 'Approved Production/Serving']);
  const { lineage } = room.connection;
  expect((await lineage.getModel(MODEL)).champion).toMatchObject({ version: 1, endpointConfigName: first });
  expect((await lineage.listVersions(MODEL)).map(({ status }) => status)).toEqual(['Deployed', 'Retired']);
  const flights = quietFlights(3).map(toRequest);
  expect(await predict(room.connection.client, ENDPOINT, flights)).toHaveLength(3);
  expect((await room.mail(`[${MODEL}] rolled back: version 1 serves again in place of version 2`)).text).toContain(
    'launchway rollback returning --to 2',
  );

  expect(await rollBack({ reason: 'mended', to: 2 })).toMatchObject({ status: 'RolledBack', from: 1, to: 2 });
  expect(await configuration()).toBe(second);
  expect((await registry()).standing).toEqual(['Approved Production/Serving', 'Approved Production/Retired']);

  await room.put(
    `models/${MODEL}/requests/same.json`,
    JSON.stringify({ schema: 'launchway/request/v1', action: 'roll-back', reason: 'again', to: 2 }),
  );
  expect((await room.mail(`[${MODEL}] upload refused`)).text).toContain('version 2 serves already');

  // What nobody uses is swept; it is made anew where it is asked for again.
  const inventory = new SageMakerHostingInventory('launchway-local', new SageMakerClient(room.connection.client));
  const later = new Date(room.cloud.cloud.clock.now() + 2 * 86_400_000);
  const swept = await sweepHosting(room.connection, inventory, 1, true, later);
  expect(swept.deleted).toEqual([first, `${ENDPOINT}-v1`]);
  expect(swept.kept).toMatchObject({ serves: 1 });
  expect(await predict(room.connection.client, ENDPOINT, flights)).toHaveLength(3);
  expect(await rollBack({ reason: 'swept', to: 1 })).toMatchObject({ status: 'RolledBack', from: 2, to: 1 });
  expect(await configuration()).toBe(first);
}, 240_000);
