import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { SealDatasetEnv, SealDatasetInput } from './contract.ts';
import { sealDataset } from './seal-dataset.ts';

const env = readEnv(SealDatasetEnv);

export const handler = serve(
  SealDatasetInput,
  sealDataset({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    approvedBucket: env.APPROVED_BUCKET_NAME,
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
  }),
);
