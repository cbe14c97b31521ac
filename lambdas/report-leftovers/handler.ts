import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { DynamoDbLeftoverReports } from '../../adapters/dynamodb-leftover-reports.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EmbeddedMetrics } from '../../adapters/embedded-metrics.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerHostingInventory } from '../../adapters/sagemaker-hosting-inventory.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { ReportLeftoversEnv, ReportLeftoversInput } from './contract.ts';
import { reportLeftovers } from './report-leftovers.ts';

const env = readEnv(ReportLeftoversEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  ReportLeftoversInput,
  reportLeftovers({
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    ledger: new DynamoDbReleaseLedger(table),
    lineage: new DynamoDbLineageStore(table),
    inventory: new SageMakerHostingInventory(env.PREFIX, new SageMakerClient({})),
    reports: new DynamoDbLeftoverReports(table),
    metrics: new EmbeddedMetrics(env.PREFIX),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    config: readDeployedConfig(),
    intakeBucket: env.INTAKE_BUCKET_NAME,
    now,
  }),
);
