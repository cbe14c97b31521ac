import { CloudWatchRolloutTraffic } from '../../adapters/cloudwatch-rollout-traffic.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerEndpoints } from '../../adapters/sagemaker-endpoints.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { VerifyDeploymentEnv, VerifyDeploymentInput } from './contract.ts';
import { verifyDeployment } from './verify-deployment.ts';

const env = readEnv(VerifyDeploymentEnv);
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  VerifyDeploymentInput,
  verifyDeployment({
    lineage: new DynamoDbLineageStore(table),
    rollbacks: new DynamoDbRollbackStore(table),
    objects,
    endpoints: new SageMakerEndpoints(),
    traffic: new CloudWatchRolloutTraffic(),
    readDefinition: definitionReader(objects, readDeployedConfig()),
    prefix: env.PREFIX,
    now,
  }),
);
