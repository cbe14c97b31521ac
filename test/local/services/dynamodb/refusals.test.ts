import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../../support/small-cloud.ts';

const TableName = 'releases';
const DEFINITION = {
  TableName,
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  AttributeDefinitions: ['pk', 'status'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byStatus',
      KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

let small: SmallCloud;
let client: DynamoDBClient;
beforeAll(async () => {
  small = await SmallCloud.start();
  client = new DynamoDBClient(small.client);
  await client.send(new CreateTableCommand(DEFINITION));
});
afterAll(async () => {
  client.destroy();
  await small.stop();
});

const key = (pk: string) => ({ pk: { S: pk } });
const put = (pk: string, more: object = {}) => ({ Put: { TableName, Item: { ...key(pk), ...more } } });
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const refused = (command: any) => expect(client.send(command)).rejects;
const transact = (TransactItems: any[], ClientRequestToken?: string) =>
  new TransactWriteItemsCommand({ TransactItems, ClientRequestToken });

describe('a key that is an empty string is refused', () => {
  const ofIndex =
    'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byStatus, IndexKey: status';

  it('of an index, put or updated', async () => {
    await refused(new PutItemCommand({ TableName, Item: { ...key('a'), status: { S: '' } } })).toThrow(ofIndex);
    const update = new UpdateItemCommand({
      TableName,
      Key: key('a'),
      UpdateExpression: 'SET #s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: '' } },
    });
    await refused(update).toMatchObject({ name: 'ValidationException', message: ofIndex });
  });

  it('of an index within a transaction, as the reason of its item', async () => {
    await refused(transact([put('a'), put('b', { status: { S: '' } })])).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError', Message: ofIndex }],
    });
  });

  it('of a table that is queried', async () => {
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: '' } },
    });
    await refused(query).toThrow('cannot contain an empty string value. Key: pk');
  });
});

describe('a transaction is refused', () => {
  const violates = (member: string, constraint: string) => `at '${member}' failed to satisfy constraint: ${constraint}`;

  it('with none or more than a hundred items', async () => {
    const most = violates('transactItems', 'Member must have length less than or equal to 100');
    await client.send(transact(times(100, (i) => put(`of-100-${i}`))));
    await refused(transact(times(101, (i) => put(`of-101-${i}`)))).toThrow(most);
    await refused(transact([])).toThrow(
      violates('transactItems', 'Member must have length greater than or equal to 1'),
    );
    const gets = times(101, (i) => ({ Get: { TableName, Key: key(`${i}`) } }));
    await refused(new TransactGetItemsCommand({ TransactItems: gets })).toThrow(most);
  });

  it('with a token of more than 36 characters', async () => {
    await refused(transact([put('a')], 'x'.repeat(37))).toThrow(
      violates('clientRequestToken', 'Member must have length less than or equal to 36'),
    );
  });

  it('with more than 4 MB', async () => {
    const large = (i: number) => put(`large-${i}`, { text: { S: 'x'.repeat(400_000) } });
    await client.send(transact(times(10, large)));
    await refused(transact(times(11, large))).toThrow('Transaction request size cannot exceed 4194304 bytes');
  });

  it.each([
    [{ ConditionCheck: { TableName, Key: key('a') } }, 'conditionCheck.conditionExpression'],
    [{ Update: { TableName, Key: key('a') } }, 'update.updateExpression'],
    [{ Delete: { TableName } }, 'delete.key'],
    [{ Put: { TableName } }, 'put.item'],
  ])('with an item that lacks what it needs: %j', async (item, member) => {
    await refused(transact([put('b'), item])).toThrow(
      violates(`transactItems.2.member.${member}`, 'Member must not be null'),
    );
  });
});

it('a search for attributes that names none is refused', async () => {
  const query = new QueryCommand({
    TableName,
    Select: 'SPECIFIC_ATTRIBUTES',
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': { S: 'a' } },
  });
  await refused(query).toThrow('Must specify the AttributesToGet or ProjectionExpression');
});

it('a table that exists is not made again', async () => {
  await refused(new CreateTableCommand(DEFINITION)).toMatchObject({
    name: 'ResourceInUseException',
    message: 'Table already exists: releases',
  });
});

it('time to live is not switched to where it is, nor to another attribute', async () => {
  const update = (Enabled: boolean, AttributeName = 'expires') =>
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } });
  await refused(update(false)).toThrow('TimeToLive is already disabled');
  await client.send(update(true));
  await refused(update(true)).toThrow('TimeToLive is already enabled');
  await refused(update(true, 'other')).toThrow(
    'TimeToLive is active on a different AttributeName: current AttributeName is expires',
  );
});
