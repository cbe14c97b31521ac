import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchTrainingLogs } from '../../adapters/cloudwatch-training-logs.ts';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EcrImageRegistry } from '../../adapters/ecr-image-registry.ts';
import { LambdaWithdrawals } from '../../adapters/lambda-withdrawals.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerModelRegistry } from '../../adapters/sagemaker-model-registry.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SfnReleaseExecutions } from '../../adapters/sfn-release-executions.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { closeRelease } from './close-release.ts';
import { CloseReleaseEnv, CloseReleaseInput } from './contract.ts';

const env = readEnv(CloseReleaseEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  CloseReleaseInput,
  closeRelease({
    ledger: new DynamoDbReleaseLedger(table),
    approvals: new DynamoDbApprovalStore(table),
    withdrawals: new LambdaWithdrawals(env.WITHDRAW_APPROVAL_FUNCTION_NAME),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    images: new EcrImageRegistry(env.ACCOUNT_ID, process.env.AWS_REGION ?? ''),
    executions: new SfnReleaseExecutions(env.RELEASE_MODEL_STATE_MACHINE_ARN),
    logs: new CloudWatchTrainingLogs(),
    registry: new SageMakerModelRegistry(),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    config: readDeployedConfig(),
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    buckets: { intake: env.INTAKE_BUCKET_NAME },
    now,
    log: new Logger(),
  }),
);
