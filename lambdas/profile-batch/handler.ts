import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { ProfileBatchEnv, ProfileBatchInput } from './contract.ts';
import { profileBatch } from './profile-batch.ts';

const env = readEnv(ProfileBatchEnv);

export const handler = serve(
  ProfileBatchInput,
  profileBatch({
    objects: new S3ObjectStore(env.ACCOUNT_ID),
    buckets: { captures: env.CAPTURES_BUCKET_NAME, artifacts: env.ARTIFACTS_BUCKET_NAME },
  }),
);
