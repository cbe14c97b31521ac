import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbDeploymentLease } from '../../adapters/dynamodb-deployment-lease.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { authorizeDeployment } from './authorize-deployment.ts';
import { AuthorizeDeploymentEnv, AuthorizeDeploymentInput } from './contract.ts';

const env = readEnv(AuthorizeDeploymentEnv);
const config = readDeployedConfig();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date());
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  AuthorizeDeploymentInput,
  authorizeDeployment({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    audit: new DynamoDbAuditTrail(table),
    lease: new DynamoDbDeploymentLease(table),
    rollbacks: new DynamoDbRollbackStore(table),
    objects,
    readDefinition: definitionReader(objects, config),
    config,
    prefix: env.PREFIX,
    accountId: env.ACCOUNT_ID,
    approvedBucket: env.APPROVED_BUCKET_NAME,
    capturesBucket: env.CAPTURES_BUCKET_NAME,
  }),
);
