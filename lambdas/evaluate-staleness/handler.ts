import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { EvaluateStalenessEnv, EvaluateStalenessInput } from './contract.ts';
import { evaluateStalenessAnswers } from './evaluate-staleness.ts';

const env = readEnv(EvaluateStalenessEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  EvaluateStalenessInput,
  evaluateStalenessAnswers({
    lineage: new DynamoDbLineageStore(table),
    staleness: new DynamoDbStalenessStore(table),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    buckets: { captures: env.CAPTURES_BUCKET_NAME, artifacts: env.ARTIFACTS_BUCKET_NAME },
    region: process.env.AWS_REGION ?? '',
    now,
  }),
);
