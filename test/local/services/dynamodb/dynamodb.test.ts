import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../../local/cloud.ts';
import { createDynamodbService } from '../../../../local/services/dynamodb/index.ts';

let directory: string;
let cloud: LocalCloud;

const open = async () => {
  cloud = new LocalCloud({ stateDir: directory });
  cloud.register(createDynamodbService(cloud));
  await cloud.resume();
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dynamodb-'));
  await open();
  await call('CreateTable', {
    TableName: 'releases',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'status'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byStatus',
        KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const user = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' } as const;
const call = (operation: string, input: object): Promise<any> =>
  cloud.call({ service: 'dynamodb', operation, principal: user, input });
const TableName = 'releases';
const key = (pk: string, sk = 's') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, more: object = {}) => call('PutItem', { TableName, Item: { ...key(pk), ...more } });
const get = async (pk: string, sk?: string) => (await call('GetItem', { TableName, Key: key(pk, sk) })).Item;
const countByStatus = async (status: string) =>
  (
    await call('Query', {
      TableName,
      IndexName: 'byStatus',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: status } },
    })
  ).Count;

describe('a transaction', () => {
  const increment = (pk: string, more: object = {}) => ({
    Update: {
      TableName,
      Key: key(pk),
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ...more,
    },
  });
  const transact = (TransactItems: object[], more: object = {}) =>
    call('TransactWriteItems', { TransactItems, ...more });

  it('writes all items and their index entries', async () => {
    await put('a', { n: { N: '1' }, status: { S: 'Open' } });
    await put('b', { status: { S: 'Open' } });
    await transact([
      increment('a', {
        UpdateExpression: 'SET n = n + :one, #s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':s': { S: 'Closed' } },
      }),
      { Delete: { TableName, Key: key('b') } },
      { Put: { TableName, Item: { ...key('c'), status: { S: 'Closed' } } } },
      { ConditionCheck: { TableName, Key: key('d'), ConditionExpression: 'attribute_not_exists(pk)' } },
    ]);
    expect((await get('a')).n).toEqual({ N: '2' });
    expect(await get('b')).toBeUndefined();
    expect(await countByStatus('Open')).toBe(0);
    expect(await countByStatus('Closed')).toBe(2);
  });

  it('writes nothing where one condition fails, and tells each reason in order', async () => {
    await put('a', { n: { N: '1' } });
    await put('b', { n: { N: '7' } });
    const check = {
      ConditionCheck: {
        TableName,
        Key: key('b'),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
    await expect(transact([increment('a'), check])).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
      fields: {
        CancellationReasons: [
          { Code: 'None' },
          {
            Code: 'ConditionalCheckFailed',
            Message: 'The conditional request failed',
            Item: { ...key('b'), n: { N: '7' } },
          },
        ],
      },
    });
    expect((await get('a')).n).toEqual({ N: '1' });
    expect(await get('b')).toBeDefined();
  });

  it('reports an update that cannot be computed as a reason', async () => {
    await put('a', { n: { S: 'text' } });
    await expect(transact([increment('a')])).rejects.toMatchObject({
      fields: { CancellationReasons: [{ Code: 'ValidationError' }] },
    });
  });

  it('refuses two operations on one item', async () => {
    await expect(transact([increment('a'), { Delete: { TableName, Key: key('a') } }])).rejects.toThrow(
      'Transaction request cannot include multiple operations on one item',
    );
  });

  it('with the same token takes effect once within ten minutes', async () => {
    await put('a', { n: { N: '1' } });
    const ClientRequestToken = 'token';
    await transact([increment('a')], { ClientRequestToken });
    await transact([increment('a')], { ClientRequestToken });
    expect((await get('a')).n).toEqual({ N: '2' });
    await expect(transact([increment('b')], { ClientRequestToken })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatchException',
    });
    await cloud.clock.advance(10 * 60_000);
    await transact([increment('a')], { ClientRequestToken });
    expect((await get('a')).n).toEqual({ N: '3' });
  });

  it('lets one of many that race win', async () => {
    const claim = () =>
      transact([{ Put: { TableName, Item: key('lease'), ConditionExpression: 'attribute_not_exists(pk)' } }]);
    const results = await Promise.allSettled(Array.from({ length: 50 }, claim));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('reads several items at one moment', async () => {
    await put('a', { n: { N: '1' } });
    const gets = ['a', 'none'].map((pk) => ({ Get: { TableName, Key: key(pk) } }));
    expect(await call('TransactGetItems', { TransactItems: gets })).toEqual({
      Responses: [{ Item: { ...key('a'), n: { N: '1' } } }, {}],
    });
  });
});

describe('a conditional write', () => {
  it('that fails returns the old item where asked', async () => {
    await put('a', { n: { N: '1' } });
    const write = call('PutItem', {
      TableName,
      Item: key('a'),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(write).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      fields: { Item: { ...key('a'), n: { N: '1' } } },
    });
  });

  it.each([
    ['begins_with(t, :s)', { ':s': { S: 'rel' } }, true],
    ['begins_with(t, :s)', { ':s': { S: 'ase' } }, false],
    ['contains(t, :s)', { ':s': { S: 'eas' } }, true],
    ['contains(tags, :s)', { ':s': { S: 'x' } }, true],
    ['size(tags) = :n', { ':n': { N: '2' } }, true],
    ['size(l) > :n', { ':n': { N: '2' } }, false],
    ['attribute_type(t, :s)', { ':s': { S: 'S' } }, true],
    ['n BETWEEN :a AND :b', { ':a': { N: '9' }, ':b': { N: '11' } }, true],
    ['n IN (:a, :b)', { ':a': { N: '1' }, ':b': { N: '10' } }, true],
    ['NOT (n < :a OR n > :b)', { ':a': { N: '9' }, ':b': { N: '11' } }, true],
    ['m.nest.deep = :s', { ':s': { S: 'x' } }, true],
    ['l[1] = :n', { ':n': { N: '2' } }, true],
    ['attribute_not_exists(m.absent)', undefined, true],
    ['n <> :n', { ':n': { N: '10.0' } }, false],
    ['m = :m', { ':m': { M: { nest: { M: { deep: { S: 'x' } } } } } }, true],
    ['l = :l', { ':l': { L: [{ N: '1' }, { N: '2' }] } }, true],
    ['l <> :l', { ':l': { L: [{ N: '2' }, { N: '1' }] } }, true],
    ['tags = :t', { ':t': { SS: ['y', 'x'] } }, true],
    ['size(e) = :n', { ':n': { N: '0' } }, true],
    ['attribute_type(off, :s)', { ':s': { S: 'BOOL' } }, true],
    ['off IN (:a)', { ':a': { BOOL: false } }, true],
    ['nowhere = absent', undefined, false],
    ['nowhere <> :s', { ':s': { S: 'x' } }, true],
  ])('%s with %j is %j', async (ConditionExpression, ExpressionAttributeValues, holds) => {
    await put('a', {
      t: { S: 'release' },
      n: { N: '10' },
      e: { S: '' },
      off: { BOOL: false },
      tags: { SS: ['x', 'y'] },
      l: { L: [{ N: '1' }, { N: '2' }] },
      m: { M: { nest: { M: { deep: { S: 'x' } } } } },
    });
    const write = call('DeleteItem', { TableName, Key: key('a'), ConditionExpression, ExpressionAttributeValues });
    if (holds) await write;
    else await expect(write).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
  });
});

describe('an update', () => {
  it('knows if_not_exists, list_append, nested paths, ADD and REMOVE', async () => {
    await put('a', { m: { M: { x: { N: '1' } } }, gone: { S: 'x' } });
    const { Attributes } = await call('UpdateItem', {
      TableName,
      Key: key('a'),
      UpdateExpression:
        'SET n = if_not_exists(n, :zero) + :one, l = list_append(if_not_exists(l, :empty), :items), m.y = :one REMOVE gone ADD hits :one, tags :tags',
      ExpressionAttributeValues: {
        ':zero': { N: '0' },
        ':one': { N: '1' },
        ':empty': { L: [] },
        ':items': { L: [{ S: 'i' }] },
        ':tags': { SS: ['t'] },
      },
      ReturnValues: 'ALL_NEW',
    });
    expect(Attributes).toEqual({
      ...key('a'),
      n: { N: '1' },
      l: { L: [{ S: 'i' }] },
      m: { M: { x: { N: '1' }, y: { N: '1' } } },
      hits: { N: '1' },
      tags: { SS: ['t'] },
    });
  });

  it('takes items up to 400 KB, counted in bytes', async () => {
    const bytes = 400 * 1024 - 'pk'.length - 'a'.length - 'sk'.length - 's'.length - 'x'.length;
    await put('a', { x: { S: 'x'.repeat(bytes) } });
    await expect(put('a', { x: { S: 'x'.repeat(bytes + 1) } })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(put('a', { x: { S: 'é'.repeat(bytes / 2 + 1) } })).rejects.toThrow('maximum allowed size');
  });

  it('with an unserved parameter is refused loudly', async () => {
    await expect(put('a').then(() => call('PutItem', { TableName, Item: key('a'), Expected: {} }))).rejects.toThrow(
      'NotImplemented: dynamodb:PutItem Expected',
    );
  });
});

describe('a query', () => {
  it('pages through a partition in order', async () => {
    await call('BatchWriteItem', {
      RequestItems: { [TableName]: ['3', '1', '2'].map((sk) => ({ PutRequest: { Item: key('a', sk) } })) },
    });
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :p AND sk >= :s',
      ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { S: '1' } },
      ScanIndexForward: false,
      Limit: 2,
    };
    const first = await call('Query', query);
    expect(first.Items.map((item: any) => item.sk.S)).toEqual(['3', '2']);
    const second = await call('Query', { ...query, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.Items.map((item: any) => item.sk.S)).toEqual(['1']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  it('filters and projects', async () => {
    await put('a', { n: { N: '1' }, m: { M: { x: { S: 'y' }, z: { S: 'w' } } } });
    const page = await call('Scan', {
      TableName,
      FilterExpression: 'n = :one',
      ProjectionExpression: 'pk, m.x',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    expect(page).toMatchObject({ Count: 1, Items: [{ pk: { S: 'a' }, m: { M: { x: { S: 'y' } } } }] });
  });
});

describe('time to live', () => {
  const inSeconds = (seconds: number) => ({ N: String(Math.floor(cloud.clock.now() / 1000) + seconds) });
  const enable = () =>
    call('UpdateTimeToLive', { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } });

  it('deletes an item some time after it expires, index entries too, across a restart', async () => {
    await put('before', { expires: inSeconds(3600), status: { S: 'Open' } });
    await enable();
    await put('after', { expires: inSeconds(3600) });
    await put('later', { expires: inSeconds(86_400 * 3) });
    await cloud.stop();
    await open();
    await cloud.clock.advance(3_700_000);
    expect(await get('before')).toBeDefined();
    await cloud.clock.advance(600_000);
    await cloud.idle();
    expect([await get('before'), await get('after')]).toEqual([undefined, undefined]);
    expect(await countByStatus('Open')).toBe(0);
    expect(await get('later')).toBeDefined();
  });

  it('spares an item whose time was put off', async () => {
    await enable();
    await put('a', { expires: inSeconds(60) });
    await put('a', { expires: inSeconds(86_400) });
    await cloud.clock.advance(3_600_000);
    await cloud.idle();
    expect(await get('a')).toBeDefined();
    expect(await call('DescribeTimeToLive', { TableName })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
  });
});

describe('a table', () => {
  it('keeps its items across a restart', async () => {
    await put('a', { n: { N: '1' } });
    await cloud.stop();
    await open();
    expect(await get('a')).toEqual({ ...key('a'), n: { N: '1' } });
  });

  it('that does not exist is named', async () => {
    await expect(call('GetItem', { TableName: 'none', Key: key('a') })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('comes from a template, protected against deletion', async () => {
    const handler = cloud.services[0]!.resources!['AWS::DynamoDB::GlobalTable']!;
    const request = {
      stackName: 'App',
      logicalId: 'Table',
      type: 'AWS::DynamoDB::GlobalTable',
      properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
        Replicas: [
          {
            Region: 'eu-west-1',
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    };
    const made = await handler.create(request);
    expect(made.attributes.Arn).toBe(`arn:aws:dynamodb:eu-west-1:000000000000:table/${made.ref}`);
    await call('PutItem', { TableName: made.attributes.Arn, Item: { pk: { S: 'a' } } });
    expect((await call('DescribeTable', { TableName: made.ref })).Table).toMatchObject({
      TableArn: made.attributes.Arn,
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: true,
    });
    await expect(handler.delete(request, made)).rejects.toThrow('protected against deletion');
    const Replicas = [{ Region: 'eu-west-1' }, { Region: 'us-east-1' }];
    await expect(
      handler.create({ ...request, logicalId: 'Two', properties: { ...request.properties, Replicas } }),
    ).rejects.toThrow('NotImplemented');
  });
});

describe('permissions', () => {
  const needs = (operation: string, input: object) => {
    const call = { service: 'dynamodb', operation, principal: user, input };
    return cloud.services[0]!.operations[operation]!.needs(call);
  };
  const arn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/releases';

  it('of a query on an index are on the index, with the partition asked for', () => {
    const query = {
      TableName,
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: 'Open' } },
    };
    expect(needs('Query', { ...query, IndexName: 'byStatus' })).toEqual([
      { action: 'dynamodb:Query', resource: `${arn}/index/byStatus`, context: { 'dynamodb:LeadingKeys': ['Open'] } },
    ]);
  });

  it('of a transaction are those of its items', () => {
    const items = [
      { Put: { TableName, Item: key('a') } },
      { ConditionCheck: { TableName, Key: key('b'), ConditionExpression: 'attribute_exists(pk)' } },
    ];
    expect(needs('TransactWriteItems', { TransactItems: items })).toEqual([
      {
        action: 'dynamodb:PutItem',
        resource: arn,
        context: { 'dynamodb:LeadingKeys': ['a'], 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
      },
      {
        action: 'dynamodb:ConditionCheckItem',
        resource: arn,
        context: { 'dynamodb:LeadingKeys': ['b'], 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
      },
    ]);
  });
});
