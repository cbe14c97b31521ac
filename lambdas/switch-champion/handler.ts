import { DynamoDbChampionStore } from '../../adapters/dynamodb-champion-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { SwitchChampionEnv, SwitchChampionInput } from './contract.ts';
import { switchChampion } from './switch-champion.ts';

const table = new DynamoDbTable(readEnv(SwitchChampionEnv).LINEAGE_TABLE_NAME, () => new Date());

export const handler = serve(
  SwitchChampionInput,
  switchChampion({
    lineage: new DynamoDbLineageStore(table),
    rollbacks: new DynamoDbRollbackStore(table),
    champions: new DynamoDbChampionStore(table),
  }),
);
