import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { PlanValidationEnv, PlanValidationInput } from './contract.ts';
import { planValidation } from './plan-validation.ts';

const env = readEnv(PlanValidationEnv);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  PlanValidationInput,
  planValidation({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    objects,
    readDefinition: definitionReader(objects),
    account: env.ACCOUNT_ID,
    prefix: env.PREFIX,
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
  }),
);
