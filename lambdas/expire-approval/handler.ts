import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { ExpireApprovalEnv, ExpireApprovalInput } from './contract.ts';
import { expireApproval } from './expire-approval.ts';

const env = readEnv(ExpireApprovalEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  ExpireApprovalInput,
  expireApproval({ lineage: new DynamoDbLineageStore(table), approvals: new DynamoDbApprovalStore(table), now }),
);
