import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EcrImageRegistry } from '../../adapters/ecr-image-registry.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SfnExecutions } from '../../adapters/sfn-executions.ts';
import { SfnReleaseExecutions } from '../../adapters/sfn-release-executions.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { admitUpload } from './admit-upload.ts';
import { AdmitUploadEnv, AdmitUploadInput } from './contract.ts';

const env = readEnv(AdmitUploadEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const config = readDeployedConfig();

export const handler = serve(
  AdmitUploadInput,
  admitUpload({
    ledger: new DynamoDbReleaseLedger(table),
    rollbacks: new DynamoDbRollbackStore(table),
    rollbackExecutions: new SfnExecutions(env.ROLL_BACK_MODEL_STATE_MACHINE_ARN),
    staleness: new DynamoDbStalenessStore(table),
    stalenessExecutions: new SfnExecutions(env.MEASURE_STALENESS_STATE_MACHINE_ARN),
    monitoring: new DynamoDbMonitoringStore(table),
    readDefinition: definitionReader(objects, config),
    objects,
    images: new EcrImageRegistry(env.ACCOUNT_ID, process.env.AWS_REGION ?? ''),
    executions: new SfnReleaseExecutions(env.RELEASE_MODEL_STATE_MACHINE_ARN),
    labels: new DynamoDbQualityStore(table),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    config,
    buckets: {
      intake: env.INTAKE_BUCKET_NAME,
      approved: env.APPROVED_BUCKET_NAME,
      artifacts: env.ARTIFACTS_BUCKET_NAME,
    },
    region: process.env.AWS_REGION ?? '',
    now,
    log: new Logger(),
  }),
);
