import { join } from 'node:path';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { ServiceError } from '../../../service.ts';
import { filesBelow } from '../archive.ts';
import { joinS3Uri, parseS3Uri, type RoleS3 } from '../role-s3.ts';
import type { Workspace } from './workspace.ts';

/** Fetches the checkpoints that an earlier job, or this one before an interruption, left under the S3 prefix; there may be none. */
export async function restoreCheckpoints(
  { checkpoints }: Workspace,
  { CheckpointConfig: config }: CreateTrainingJobRequest,
  s3: RoleS3,
): Promise<void> {
  if (!config) return;
  try {
    await s3.downloadPrefix(parseS3Uri(joinS3Uri(config.S3Uri!, '')), checkpoints);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'NoSuchKey')) throw error;
  }
}

/** Copies what the program left in `checkpoints` to S3, however it ended. */
export async function saveCheckpoints(
  { checkpoints }: Workspace,
  { CheckpointConfig: config }: CreateTrainingJobRequest,
  s3: RoleS3,
): Promise<void> {
  if (!config) return;
  for (const file of await filesBelow(checkpoints)) {
    await s3.upload(parseS3Uri(joinS3Uri(config.S3Uri!, file)), join(checkpoints, file));
  }
}
