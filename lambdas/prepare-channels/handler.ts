import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { PrepareChannelsEnv, PrepareChannelsInput } from './contract.ts';
import { prepareChannels } from './prepare-channels.ts';

const env = readEnv(PrepareChannelsEnv);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  PrepareChannelsInput,
  prepareChannels({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    objects,
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    readDefinition: definitionReader(objects, readDeployedConfig()),
  }),
);
