import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { SqsDecisionQueue } from '../../adapters/sqs-decision-queue.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { WithdrawApprovalEnv, WithdrawApprovalInput } from './contract.ts';
import { withdrawApproval } from './withdraw-approval.ts';

const env = readEnv(WithdrawApprovalEnv);
const now = () => new Date();

export const handler = serve(
  WithdrawApprovalInput,
  withdrawApproval({
    approvals: new DynamoDbApprovalStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    config: readDeployedConfig(),
    now,
    onUnannounced: (error, requestId) => logger.warn('withdrawal not announced', { error: error as Error, requestId }),
  }),
);
