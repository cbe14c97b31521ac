import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { SageMakerModelRegistry } from '../../adapters/sagemaker-model-registry.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { closeRollback } from './close-rollback.ts';
import { CloseRollbackEnv, CloseRollbackInput } from './contract.ts';

const env = readEnv(CloseRollbackEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  CloseRollbackInput,
  closeRollback({
    lineage: new DynamoDbLineageStore(table),
    rollbacks: new DynamoDbRollbackStore(table),
    registry: new SageMakerModelRegistry(),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    config: readDeployedConfig(),
    now,
  }),
);
