import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbDelegationStore } from '../../adapters/dynamodb-delegation-store.ts';
import { DynamoDbDigestStore } from '../../adapters/dynamodb-digest-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbReviewStore } from '../../adapters/dynamodb-review-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { DynamoDbThreadStore } from '../../adapters/dynamodb-thread-store.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { approvalArchive } from '../shared/approval-archive.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { noticesOf } from '../shared/notices-of.ts';
import { definitionReader, definitionTextReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { RemindApproversEnv, RemindApproversInput } from './contract.ts';
import { remindApprovers } from './remind-approvers.ts';

const env = readEnv(RemindApproversEnv);
const config = readDeployedConfig();
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  RemindApproversInput,
  remindApprovers({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    digests: new DynamoDbDigestStore(table),
    reviews: new DynamoDbReviewStore(table),
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
    thread: new DynamoDbThreadStore(table),
    apiUrl: env.APPROVAL_API_URL,
    now,
    onUnreached: (error, requestId) => logger.error('approver not reached', { error: error as Error, requestId }),
  }),
);
