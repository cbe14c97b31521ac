import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { BATCH_BYTES, HOURS_AT_ONCE_BYTES } from '../../domain/monitoring/capture-batches.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { ProfileCapturesEnv, ProfileCapturesInput } from './contract.ts';
import { profileCaptures } from './profile-captures.ts';

const env = readEnv(ProfileCapturesEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  ProfileCapturesInput,
  profileCaptures({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    labels: new DynamoDbQualityStore(table),
    objects,
    readDefinition: definitionReader(objects, readDeployedConfig()),
    buckets: { captures: env.CAPTURES_BUCKET_NAME, artifacts: env.ARTIFACTS_BUCKET_NAME },
    now,
    limits: { hoursAtOnceBytes: HOURS_AT_ONCE_BYTES, batchBytes: BATCH_BYTES },
  }),
);
