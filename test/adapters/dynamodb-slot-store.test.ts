import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDbSlotStore } from '../../adapters/dynamodb-slot-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import type { SlotJob } from '../../domain/slots/ports.ts';
import { askForSlot, giveBackSlot } from '../../domain/slots/slot-pool.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

const QUOTA = 2;

describe('instances in DynamoDB', () => {
  let small: SmallCloud;
  let client: DynamoDBClient;
  let store: DynamoDbSlotStore;
  beforeAll(async () => {
    small = await SmallCloud.start();
    client = new DynamoDBClient(small.client);
    await small.create('AWS::DynamoDB::GlobalTable', {
      TableName: 'lineage',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [{ Region: 'eu-west-1' }],
    });
    const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    store = new DynamoDbSlotStore(new DynamoDbTable('lineage', () => new Date('2030-01-01T00:00:00Z'), documents));
  });
  afterAll(async () => {
    client.destroy();
    await small.stop();
  });

  const job = (name: string): SlotJob => ({
    job: name,
    use: 'training',
    instanceType: 'ml.m5.large',
    team: name.slice(0, 1),
    count: 1,
    model: 'm',
    release: 1,
    execution: 'e',
    askedAt: '2030-01-01T00:00:00.000Z',
    sealedToken: 'sealed',
  });
  const ask = (name: string) =>
    store.ask(job(name), (pool) => askForSlot(pool, { job: name, team: name.slice(0, 1), count: 1 }, QUOTA));

  it('are never given out twice, however many ask and give back at the same moment', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `${'abc'[i % 3]}${i}`);
    const granted = (await Promise.all(names.map(ask))).flat();
    expect(granted).toHaveLength(QUOTA);
    while (granted.length < names.length) {
      const open = (await store.list()).filter(({ grantedAt }) => grantedAt !== undefined);
      expect(open).toHaveLength(QUOTA);
      const next = await Promise.all(
        open.map((one) => store.giveBack(one, (pool) => giveBackSlot(pool, one.job, QUOTA))),
      );
      granted.push(...next.flat());
    }
    expect(granted.toSorted()).toEqual(names.toSorted());
  });

  it('forget the task of a job that was answered, and nothing of one that has ended', async () => {
    await ask('x1');
    await store.confirm('x1');
    expect(await store.find('x1')).toMatchObject({ job: 'x1', team: 'x' });
    expect(await store.find('x1')).not.toHaveProperty('sealedToken');
    await expect(store.confirm('unknown')).resolves.toBeUndefined();
  });
});
