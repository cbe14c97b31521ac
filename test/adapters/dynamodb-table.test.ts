import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from '@jest/globals';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

it('queries by a prefix, and a whole partition without one', async () => {
  const small = await SmallCloud.start();
  const client = new DynamoDBClient(small.client);
  try {
    const { ref: TableName } = await small.create('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      BillingMode: 'PAY_PER_REQUEST',
    });
    const documents = DynamoDBDocumentClient.from(client);
    for (const sk of ['MAIL#1', 'MAIL#2', 'NOTICE#1'])
      await documents.send(new PutCommand({ TableName, Item: { pk: 'OUTBOX', sk } }));
    const table = new DynamoDbTable(TableName, () => small.cloud.clock.date(), documents);
    const sks = async (prefix: string) =>
      (await table.query<{ sk: string }>('OUTBOX', prefix, { newestFirst: true })).map(({ sk }) => sk);
    expect(await sks('MAIL#')).toEqual(['MAIL#2', 'MAIL#1']);
    expect(await sks('')).toEqual(['NOTICE#1', 'MAIL#2', 'MAIL#1']);
  } finally {
    client.destroy();
    await small.stop();
  }
});
