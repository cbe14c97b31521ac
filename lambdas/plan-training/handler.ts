import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerTrainingJobs } from '../../adapters/sagemaker-training-jobs.ts';
import { SageMakerTuningJobs } from '../../adapters/sagemaker-tuning-jobs.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { PlanTrainingEnv, PlanTrainingInput } from './contract.ts';
import { planTraining } from './plan-training.ts';

const env = readEnv(PlanTrainingEnv);
const config = readDeployedConfig();

export const handler = serve(
  PlanTrainingInput,
  planTraining({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    jobs: new SageMakerTrainingJobs(),
    tuningJobs: new SageMakerTuningJobs(),
    readDefinition: definitionReader(new S3ObjectStore(env.ACCOUNT_ID), config),
    config,
    account: env.ACCOUNT_ID,
    region: process.env.AWS_REGION ?? '',
    prefix: env.PREFIX,
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
  }),
);
