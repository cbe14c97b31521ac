import type { Call, Operation } from '../../service.ts';
import { NotImplementedError } from '../../service.ts';
import type { Database } from './database.ts';
import type { Needs } from './needs.ts';

const EXPRESSION = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];
const CONDITION = ['ConditionExpression', 'ReturnValuesOnConditionCheckFailure', ...EXPRESSION];
const SEARCH = [
  'TableName',
  'IndexName',
  'FilterExpression',
  'ProjectionExpression',
  'Select',
  'Limit',
  'ExclusiveStartKey',
  'ConsistentRead',
  'ReturnConsumedCapacity',
  ...EXPRESSION,
];

/** Operations on items; the legacy parameters (Expected, KeyConditions, …) are not served. */
export function itemOperations(database: Database, needs: Needs): Readonly<Record<string, Operation>> {
  const write = (members: readonly string[]): Operation => ({
    members: ['TableName', 'ReturnValues', 'ReturnConsumedCapacity', ...CONDITION, ...members],
    needs: needs.item,
    run: ({ operation, input }: Call) => database.write(operation as 'PutItem', input),
  });
  const search = (members: readonly string[]): Operation => ({
    members: [...SEARCH, ...members],
    needs: needs.search,
    run: ({ operation, input }: Call) => database.read(operation as 'Query', input),
  });
  return {
    GetItem: {
      members: [
        'TableName',
        'Key',
        'ConsistentRead',
        'ProjectionExpression',
        'ExpressionAttributeNames',
        'ReturnConsumedCapacity',
      ],
      needs: needs.item,
      run: ({ input }) => database.read('GetItem', input),
    },
    PutItem: write(['Item']),
    UpdateItem: write(['Key', 'UpdateExpression']),
    DeleteItem: write(['Key']),
    Query: search(['KeyConditionExpression', 'ScanIndexForward']),
    Scan: search(['Segment', 'TotalSegments']),
    BatchGetItem: {
      members: ['RequestItems', 'ReturnConsumedCapacity'],
      needs: needs.batchGet,
      run: ({ input }) => database.read('BatchGetItem', input),
    },
    BatchWriteItem: {
      members: ['RequestItems', 'ReturnConsumedCapacity'],
      needs: needs.batchWrite,
      run: ({ input }) => database.batchWrite(input),
    },
    TransactWriteItems: {
      members: ['TransactItems', 'ClientRequestToken'],
      needs: needs.transactWrite,
      run: ({ input }) => database.transactWrite(input.TransactItems ?? [], input.ClientRequestToken),
    },
    TransactGetItems: {
      members: ['TransactItems'],
      needs: needs.transactGet,
      run: async ({ input }) => {
        const gets = (input.TransactItems ?? []).map((item: { Get?: object }) => {
          if (!item.Get) throw new NotImplementedError(`dynamodb:TransactGetItems ${Object.keys(item)}`);
          return item.Get;
        });
        return { Responses: await database.transactGet(gets) };
      },
    },
  };
}
