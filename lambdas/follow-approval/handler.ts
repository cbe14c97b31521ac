import { randomBytes } from 'node:crypto';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { DynamoDbThreadStore } from '../../adapters/dynamodb-thread-store.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { LambdaWithdrawals } from '../../adapters/lambda-withdrawals.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { liveKeyArns } from '../shared/contract.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { signInOf } from '../shared/sign-in-of.ts';
import { FollowApprovalEnv, FollowApprovalInput } from './contract.ts';
import { followApproval } from './follow-approval.ts';

const env = readEnv(FollowApprovalEnv);
const config = readDeployedConfig();
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  FollowApprovalInput,
  followApproval({
    approvals: new DynamoDbApprovalStore(table),
    thread: new DynamoDbThreadStore(table),
    links: new KmsLinkSigner(liveKeyArns(env)),
    withdrawals: new LambdaWithdrawals(env.WITHDRAW_APPROVAL_FUNCTION_NAME),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    config,
    now,
    ...signInOf(env, config, table),
    newNonce: () => randomBytes(24).toString('base64url'),
    onUnreached: (error, requestId) => logger.error('answer not mailed', { error: error as Error, requestId }),
  }),
);
