import { DynamoDbSlotStore } from '../../adapters/dynamodb-slot-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsTokenVault } from '../../adapters/kms-token-vault.ts';
import { SfnTaskCallback } from '../../adapters/sfn-task-callback.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { assignSlots } from './assign-slots.ts';
import { AssignSlotsEnv, AssignSlotsInput } from './contract.ts';

const env = readEnv(AssignSlotsEnv);
const now = () => new Date();

export const handler = serve(
  AssignSlotsInput,
  assignSlots({
    slots: new DynamoDbSlotStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    vault: new KmsTokenVault(env.SLOT_KEY_ARN),
    task: new SfnTaskCallback(),
    config: readDeployedConfig(),
    now,
  }),
);
