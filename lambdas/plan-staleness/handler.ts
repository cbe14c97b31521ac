import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { PlanStalenessEnv, PlanStalenessInput } from './contract.ts';
import { planStaleness } from './plan-staleness.ts';

const env = readEnv(PlanStalenessEnv);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date());
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  PlanStalenessInput,
  planStaleness({
    lineage: new DynamoDbLineageStore(table),
    staleness: new DynamoDbStalenessStore(table),
    quality: new DynamoDbQualityStore(table),
    objects,
    readDefinition: definitionReader(objects),
    account: env.ACCOUNT_ID,
    prefix: env.PREFIX,
    buckets: { captures: env.CAPTURES_BUCKET_NAME, artifacts: env.ARTIFACTS_BUCKET_NAME },
  }),
);
