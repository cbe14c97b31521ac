import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { authorizeRollback } from './authorize-rollback.ts';
import { AuthorizeRollbackEnv, AuthorizeRollbackInput } from './contract.ts';

const table = new DynamoDbTable(readEnv(AuthorizeRollbackEnv).LINEAGE_TABLE_NAME, () => new Date());

export const handler = serve(
  AuthorizeRollbackInput,
  authorizeRollback({ lineage: new DynamoDbLineageStore(table), rollbacks: new DynamoDbRollbackStore(table) }),
);
