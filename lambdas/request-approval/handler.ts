import { randomBytes } from 'node:crypto';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbDelegationStore } from '../../adapters/dynamodb-delegation-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { KmsTokenVault } from '../../adapters/kms-token-vault.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SqsDecisionQueue } from '../../adapters/sqs-decision-queue.ts';
import { approvalArchive } from '../shared/approval-archive.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { noticesOf } from '../shared/notices-of.ts';
import { definitionReader, definitionTextReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { RequestApprovalEnv, RequestApprovalInput } from './contract.ts';
import { requestApproval } from './request-approval.ts';

const env = readEnv(RequestApprovalEnv);
const config = readDeployedConfig();
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  RequestApprovalInput,
  requestApproval({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    archive: approvalArchive(objects, env.APPROVED_BUCKET_NAME),
    audit: new DynamoDbAuditTrail(table),
    delegations: new DynamoDbDelegationStore(table),
    readDefinition: definitionReader(objects, config),
    readDefinitionText: definitionTextReader(objects),
    readEvaluation: evaluationReader(objects),
    config,
    ...noticesOf(env),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    links: new KmsLinkSigner([env.LINK_KEY_ARN]),
    submissionLinks: new KmsLinkSigner([env.SUBMISSION_KEY_ARN]),
    vault: new KmsTokenVault(env.TOKEN_KEY_ARN),
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    apiUrl: env.APPROVAL_API_URL,
    now,
    onUnreached: (error, requestId) => logger.error('submitter not reached', { error: error as Error, requestId }),
    newRequestId: () => `r${randomBytes(20).toString('hex')}`,
  }),
);
