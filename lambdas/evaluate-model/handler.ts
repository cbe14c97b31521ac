import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { EvaluateModelEnv, EvaluateModelInput } from './contract.ts';
import { evaluateModel } from './evaluate-model.ts';

const env = readEnv(EvaluateModelEnv);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  EvaluateModelInput,
  evaluateModel({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    objects,
    readDefinition: definitionReader(objects, readDeployedConfig()),
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    region: process.env.AWS_REGION ?? '',
  }),
);
