import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerTrainingJobs } from '../../adapters/sagemaker-training-jobs.ts';
import { SageMakerTuningJobs } from '../../adapters/sagemaker-tuning-jobs.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { RecordTrainingEnv, RecordTrainingInput } from './contract.ts';
import { recordTraining } from './record-training.ts';

const env = readEnv(RecordTrainingEnv);

export const handler = serve(
  RecordTrainingInput,
  recordTraining({
    lineage: new DynamoDbLineageStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, () => new Date())),
    jobs: new SageMakerTrainingJobs(),
    tuningJobs: new SageMakerTuningJobs(),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    region: process.env.AWS_REGION ?? '',
  }),
);
