import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from '@jest/globals';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';
import { InMemoryLineageStore } from '../support/in-memory.ts';
import { describeReleaseLedger } from '../support/lineage-store-contract.ts';

describeReleaseLedger('the release ledger in memory', async () => new InMemoryLineageStore());

let small: SmallCloud;
let client: DynamoDBClient;
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
});
afterAll(async () => {
  client.destroy();
  await small.stop();
});

describeReleaseLedger('the release ledger in DynamoDB', async () => {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return new DynamoDbReleaseLedger(new DynamoDbTable('lineage', () => new Date('2030-01-01T00:00:00Z'), documents));
});
