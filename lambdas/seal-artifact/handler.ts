import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { SealArtifactEnv, SealArtifactInput } from './contract.ts';
import { sealArtifact } from './seal-artifact.ts';

const env = readEnv(SealArtifactEnv);
const now = () => new Date();

export const handler = serve(
  SealArtifactInput,
  sealArtifact({
    ledger: new DynamoDbReleaseLedger(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    intakeBucket: env.INTAKE_BUCKET_NAME,
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    approvedBucket: env.APPROVED_BUCKET_NAME,
    now,
  }),
);
