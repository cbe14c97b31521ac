import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { OpenReleaseEnv, OpenReleaseInput } from './contract.ts';
import { openRelease } from './open-release.ts';

const env = readEnv(OpenReleaseEnv);

export const handler = serve(
  OpenReleaseInput,
  openRelease({ lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())) }),
);
