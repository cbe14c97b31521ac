import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EcrImageRegistry } from '../../adapters/ecr-image-registry.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SfnReleaseExecutions } from '../../adapters/sfn-release-executions.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { collectCaptures } from './collect-captures.ts';
import { GovernRetrainingEnv, GovernRetrainingInput } from './contract.ts';
import { governRetraining } from './govern-retraining.ts';

const env = readEnv(GovernRetrainingEnv);
const now = () => new Date();
const config = readDeployedConfig();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  GovernRetrainingInput,
  governRetraining({
    ledger: new DynamoDbReleaseLedger(table),
    monitoring: new DynamoDbMonitoringStore(table),
    images: new EcrImageRegistry(env.ACCOUNT_ID, process.env.AWS_REGION ?? ''),
    executions: new SfnReleaseExecutions(env.RELEASE_MODEL_STATE_MACHINE_ARN),
    readDefinition: definitionReader(objects, config),
    collectCaptures: collectCaptures({
      lineage: new DynamoDbLineageStore(table),
      quality: new DynamoDbQualityStore(table),
      objects,
      readDefinition: definitionReader(objects),
      config,
      prefix: env.PREFIX,
      buckets: { captures: env.CAPTURES_BUCKET_NAME, intake: env.INTAKE_BUCKET_NAME },
      now,
    }),
    now,
  }),
);
