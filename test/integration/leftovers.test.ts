import { CreateModelCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { localClient } from '../../cli/connection.ts';
import { readInbox } from '../../cli/demo/approve-by-mail.ts';
import { januaryFlights, ModelRoom } from '../support/model-room.ts';

const MODEL = 'left-over';
const HOUR_MS = 3_600_000;
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

it('an upload that S3 never told of, and a model that nobody uses, are told to operators the next Monday, and left alone', async () => {
  await room.define(MODEL);
  // S3 loses nothing here: its notifications are taken away while somebody uploads.
  const { store } = room.cloud.cloud;
  const bucket = store.get<object>('s3.buckets', room.intake)!;
  store.put('s3.buckets', room.intake, { ...bucket, notifications: [] });
  await room.upload(MODEL, januaryFlights(200), 'lost.csv');
  store.put('s3.buckets', room.intake, bucket);

  const sagemaker = new SageMakerClient(localClient(room.cloud.url, 'platform'));
  const { account } = room.connection;
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: 'launchway-local-gone-v1',
      ExecutionRoleArn: `arn:aws:iam::${account}:role/launchway-local-operations-serve`,
      PrimaryContainer: { Image: `${account}.dkr.ecr.us-east-1.amazonaws.com/launchway/flight-delays:1` },
      Tags: [{ Key: 'launchway:model', Value: 'gone' }],
    }),
  );

  const { clock } = room.cloud.cloud;
  const told = () =>
    readInbox(room.cloud.url).then((mails) => mails.filter(({ subject }) => /^left over/.test(subject)));
  const lost = await room.until('a report of what is left over', async () => {
    await clock.advance(HOUR_MS / 2);
    return (await told()).at(-1);
  });
  expect(lost.subject).toMatch(/^left over: 1 upload/);
  expect(lost.text).toContain(`models/${MODEL}/data/lost.csv`);
  const monday = await room.until('a report on a Monday', async () => {
    await clock.advance(HOUR_MS * 6);
    return (await told()).find(({ text }) => text.includes('launchway-local-gone-v1'));
  });
  expect(monday.text).toContain('its model is not known');
  expect(await room.connection.lineage.listReleases(MODEL)).toEqual([]);
}, 240_000);
