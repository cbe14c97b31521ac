import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsTokenVault } from '../../adapters/kms-token-vault.ts';
import { SfnTaskCallback } from '../../adapters/sfn-task-callback.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { DeliverDecisionEnv, DeliverDecisionInput } from './contract.ts';
import { deliverDecision } from './deliver-decision.ts';

const env = readEnv(DeliverDecisionEnv);

export const handler = serve(
  DeliverDecisionInput,
  deliverDecision({
    approvals: new DynamoDbApprovalStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    vault: new KmsTokenVault(env.TOKEN_KEY_ARN),
    task: new SfnTaskCallback(),
    onFailure: (error, messageId) => logger.error('decision not delivered', { error: error as Error, messageId }),
  }),
);
