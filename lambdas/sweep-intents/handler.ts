import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbStartIntents } from '../../adapters/dynamodb-start-intents.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { SfnExecutions } from '../../adapters/sfn-executions.ts';
import { SfnReleaseExecutions } from '../../adapters/sfn-release-executions.ts';
import { SqsDecisionQueue } from '../../adapters/sqs-decision-queue.ts';
import { SqsIntakeQueue } from '../../adapters/sqs-intake-queue.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { SweepIntentsEnv, SweepIntentsInput } from './contract.ts';
import { sweepIntents } from './sweep-intents.ts';

const env = readEnv(SweepIntentsEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  SweepIntentsInput,
  sweepIntents({
    approvals: new DynamoDbApprovalStore(table),
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    admitted: new DynamoDbStartIntents(table),
    lineage: new DynamoDbLineageStore(table),
    executions: new SfnReleaseExecutions(env.RELEASE_MODEL_STATE_MACHINE_ARN),
    rollbacks: new DynamoDbRollbackStore(table),
    rollbackExecutions: new SfnExecutions(env.ROLL_BACK_MODEL_STATE_MACHINE_ARN),
    intake: new SqsIntakeQueue(env.INTAKE_QUEUE_URL),
    now,
  }),
);
