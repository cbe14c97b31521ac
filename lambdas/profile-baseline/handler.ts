import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { ProfileBaselineEnv, ProfileBaselineInput } from './contract.ts';
import { profileBaseline } from './profile-baseline.ts';

const env = readEnv(ProfileBaselineEnv);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  ProfileBaselineInput,
  profileBaseline({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    objects,
    readDefinition: definitionReader(objects, readDeployedConfig()),
  }),
);
