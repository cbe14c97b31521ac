import { randomBytes } from 'node:crypto';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SqsDecisionQueue } from '../../adapters/sqs-decision-queue.ts';
import { approvalArchive } from '../shared/approval-archive.ts';
import { liveKeyArns } from '../shared/contract.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader, definitionTextReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { signInOf } from '../shared/sign-in-of.ts';
import { DecideApprovalEnv, DecideApprovalInput } from './contract.ts';
import { decideApproval } from './decide-approval.ts';

const env = readEnv(DecideApprovalEnv);
const config = readDeployedConfig();
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  DecideApprovalInput,
  decideApproval({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    archive: approvalArchive(objects, env.APPROVED_BUCKET_NAME),
    audit: new DynamoDbAuditTrail(table),
    readDefinition: definitionReader(objects, config),
    readDefinitionText: definitionTextReader(objects),
    readEvaluation: evaluationReader(objects),
    config,
    links: new KmsLinkSigner(liveKeyArns(env)),
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    now,
    ...signInOf(env, config, table),
    newNonce: () => randomBytes(24).toString('base64url'),
    onUnannounced: (error, requestId) => logger.warn('decision not announced', { error: error as Error, requestId }),
  }),
);
