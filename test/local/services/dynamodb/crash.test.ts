import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../../local/cloud.ts';
import { createDynamodbService } from '../../../../local/services/dynamodb/index.ts';

const principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' } as const;
const room = join(import.meta.dirname, '../../../../local');

/** Moves one unit after another between two accounts, until it is killed. */
const WRITER = `
const [, directory] = process.argv;
const { LocalCloud } = await import('${room}/cloud.ts');
const { createDynamodbService } = await import('${room}/services/dynamodb/index.ts');
const cloud = new LocalCloud({ stateDir: directory });
cloud.register(createDynamodbService(cloud));
const call = (operation, input) =>
  cloud.call({ service: 'dynamodb', operation, principal: ${JSON.stringify(principal)}, input });
await call('CreateTable', {
  TableName: 'accounts',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }, { AttributeName: 'all', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [{ IndexName: 'byAll', KeySchema: [{ AttributeName: 'all', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
});
for (const id of ['a', 'b']) await call('PutItem', { TableName: 'accounts', Item: { id: { S: id }, n: { N: '0' }, all: { S: 'x' } } });
const move = (id, sign) => ({
  Update: {
    TableName: 'accounts',
    Key: { id: { S: id } },
    UpdateExpression: 'SET n = n ' + sign + ' :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});
for (let done = 0; ; done++) {
  if (done === 25) process.stdout.write('under way');
  await call('TransactWriteItems', { TransactItems: [move('a', '-'), move('b', '+')] });
}
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crash-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('a transaction is whole or not at all, index included, when the process is killed', async () => {
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(writer.stdout!, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'exit');

  const cloud = new LocalCloud({ stateDir: directory });
  cloud.register(createDynamodbService(cloud));
  const read = async (operation: string, input: object) => {
    const { Items } = (await cloud.call({ service: 'dynamodb', operation, principal, input })) as { Items: any[] };
    return new Map(Items.map(({ id, n }) => [id.S, Number(n.N)]));
  };
  const items = await read('Scan', { TableName: 'accounts' });
  expect(items.get('b')).toBeGreaterThanOrEqual(25);
  expect(items.get('a')! + items.get('b')!).toBe(0);
  const indexed = await read('Query', {
    TableName: 'accounts',
    IndexName: 'byAll',
    KeyConditionExpression: '#all = :x',
    ExpressionAttributeNames: { '#all': 'all' },
    ExpressionAttributeValues: { ':x': { S: 'x' } },
  });
  expect(indexed).toEqual(items);
  await cloud.stop();
});
