import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbDelegationStore } from '../../adapters/dynamodb-delegation-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { PlanApprovalEnv, PlanApprovalInput } from './contract.ts';
import { planApproval } from './plan-approval.ts';

const env = readEnv(PlanApprovalEnv);
const config = readDeployedConfig();
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  PlanApprovalInput,
  planApproval({
    lineage: new DynamoDbLineageStore(table),
    audit: new DynamoDbAuditTrail(table),
    delegations: new DynamoDbDelegationStore(table),
    readDefinition: definitionReader(new S3ObjectStore(env.ACCOUNT_ID), config),
    config,
    now,
  }),
);
