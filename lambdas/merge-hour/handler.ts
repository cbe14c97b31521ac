import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { MergeHourEnv, MergeHourInput } from './contract.ts';
import { mergeHour } from './merge-hour.ts';

const env = readEnv(MergeHourEnv);
const now = () => new Date();

export const handler = serve(
  MergeHourInput,
  mergeHour({
    monitoring: new DynamoDbMonitoringStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    buckets: { artifacts: env.ARTIFACTS_BUCKET_NAME },
    now,
  }),
);
