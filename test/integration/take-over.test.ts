import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { predict } from '../../cli/demo/predict.ts';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import { januaryFlights, ModelRoom } from '../support/model-room.ts';

const MODEL = 'taking-over';
const ENDPOINT = `launchway-local-${MODEL}`;
const SERVING =
  'serving: { realtime: { minInstances: 2, maxInstances: 2 }, rollout: { minMinutes: 5, minRequests: 100 } }';
/** A flight at an hour that training never saw. */
const UNSEEN = '99,5,800,ORD,LAX';
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

const endpoint = () =>
  new SageMakerClient(room.connection.client).send(new DescribeEndpointCommand({ EndpointName: ENDPOINT }));

/** Callers ask on while a release is deployed. @returns the release at its end, and what they got while two fleets served */
async function deploy(
  rows: number,
): Promise<{ release: ReleaseRow; answered: number; failed: number; shares: number }> {
  const upload = await room.upload(MODEL, januaryFlights(rows), `${rows}.csv`);
  await room.release(MODEL, upload, 'AwaitingApproval');
  await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
  const got = { answered: 0, failed: 0, shares: 0 };
  const release = await room.until(`the end of a release of ${rows} rows`, async () => {
    const row = (await room.connection.lineage.listReleases(MODEL)).find(
      ({ inputs }) => inputs.dataset.versionId === upload.versionId,
    )!;
    if (isEnd(row.status)) return row;
    const { PendingDeploymentSummary: pending } = await endpoint().catch(() => ({
      PendingDeploymentSummary: undefined,
    }));
    if (!pending) return undefined;
    got.shares += 1;
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => predict(room.connection.client, ENDPOINT, [UNSEEN])),
    );
    got.answered += answers.filter(({ status }) => status === 'fulfilled').length;
    got.failed += answers.filter(({ status }) => status === 'rejected').length;
    return undefined;
  });
  return { release, ...got };
}

it('a version that fails its callers is taken back while the former one serves, and the release says so', async () => {
  await room.define(MODEL, { more: SERVING });
  expect((await deploy(1_500)).release).toMatchObject({ status: 'Deployed' });
  const { EndpointConfigName: first } = await endpoint();

  await room.define(MODEL, { flaw: 'knows no other hours', more: SERVING });
  const { release, answered, failed } = await deploy(1_600);
  expect(release).toMatchObject({
    status: 'Failed',
    outcome: {
      error: 'EndpointRolledBackError',
      whose: 'your code',
      message: expect.stringContaining(`${ENDPOINT}-rollout-errors`),
    },
  });
  // Half of the callers met the new version, and only until two minutes were bad.
  expect(failed).toBeGreaterThan(0);
  expect(answered).toBeGreaterThan(0);
  expect(await endpoint()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: first });
  expect(await predict(room.connection.client, ENDPOINT, Array(20).fill(UNSEEN))).toEqual(Array(20).fill(0.2));
  const { champion } = await room.connection.lineage.getModel(MODEL);
  expect(champion).toMatchObject({ version: 1, endpointConfigName: first });
  expect((await room.mail(`[${MODEL}] release 2 stopped`)).text).toContain('version 1, untouched');

  await room.define(MODEL, { more: SERVING });
  const mended = await deploy(1_700);
  expect(mended).toMatchObject({ failed: 0, release: { status: 'Deployed', version: 3 } });
  const { requests, needed } = mended.release.steps.deployment!.traffic!;
  expect(needed).toBe(100);
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(mended.answered);
  expect((await endpoint()).EndpointConfigName).toContain('-v3-');
  expect((await room.mail(`[${MODEL}] release 3 deployed`)).text).toMatch(/it answered [\d,]+ live requests while/);
}, 240_000);
