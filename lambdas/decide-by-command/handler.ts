import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbReviewStore } from '../../adapters/dynamodb-review-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SqsDecisionQueue } from '../../adapters/sqs-decision-queue.ts';
import { approvalArchive } from '../shared/approval-archive.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader, definitionTextReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { DecideByCommandEnv, DecideByCommandInput } from './contract.ts';
import { decideByCommand } from './decide-by-command.ts';

const env = readEnv(DecideByCommandEnv);
const config = readDeployedConfig();
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  DecideByCommandInput,
  decideByCommand({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    reviews: new DynamoDbReviewStore(table),
    archive: approvalArchive(objects, env.APPROVED_BUCKET_NAME),
    audit: new DynamoDbAuditTrail(table),
    readDefinition: definitionReader(objects, config),
    readDefinitionText: definitionTextReader(objects),
    readEvaluation: evaluationReader(objects),
    config,
    accountId: env.ACCOUNT_ID,
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    now,
    onUnannounced: (error, requestId) => logger.warn('decision not announced', { error: error as Error, requestId }),
  }),
);
