import { randomBytes } from 'node:crypto';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbDelegationStore } from '../../adapters/dynamodb-delegation-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { DynamoDbThreadStore } from '../../adapters/dynamodb-thread-store.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
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
const mailing = {
  lineage: new DynamoDbLineageStore(table),
  approvals: new DynamoDbApprovalStore(table),
  thread: new DynamoDbThreadStore(table),
  archive: approvalArchive(objects, env.APPROVED_BUCKET_NAME),
  audit: new DynamoDbAuditTrail(table),
  readDefinition: definitionReader(objects, config),
  readDefinitionText: definitionTextReader(objects),
  readEvaluation: evaluationReader(objects),
  config,
  mailer: new SesMailer({ from: env.MAIL_FROM }),
  links: new KmsLinkSigner(liveKeyArns(env)),
  submissionLinks: new KmsLinkSigner([env.SUBMISSION_KEY_ARN]),
  apiUrl: env.APPROVAL_API_URL,
  now,
  onUnreached: (error: unknown, requestId: string) =>
    logger.error('somebody was not reached', { error: error as Error, requestId }),
};

export const handler = serve(
  DecideApprovalInput,
  decideApproval({
    ...mailing,
    delegations: new DynamoDbDelegationStore(table),
    decisions: new SqsDecisionQueue(env.DECISION_QUEUE_URL),
    ...signInOf(env, config, table),
    newNonce: () => randomBytes(24).toString('base64url'),
    onUnannounced: (error, requestId) => logger.warn('decision not announced', { error: error as Error, requestId }),
  }),
);
