import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerModelRegistry } from '../../adapters/sagemaker-model-registry.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { RegisterModelEnv, RegisterModelInput } from './contract.ts';
import { registerModel } from './register-model.ts';

const env = readEnv(RegisterModelEnv);

export const handler = serve(
  RegisterModelInput,
  registerModel({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    registry: new SageMakerModelRegistry(),
    readDefinition: definitionReader(new S3ObjectStore(env.ACCOUNT_ID)),
    prefix: env.PREFIX,
  }),
);
