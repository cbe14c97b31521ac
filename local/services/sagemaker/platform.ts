import { join } from 'node:path';
import { Processes } from '../../container/processes.ts';
import type { Cloud, Need, Principal } from '../../service.ts';
import type { ImageSource } from './container/image.ts';
import { Quotas } from './limits.ts';
import { validation } from './names.ts';
import { Tags } from './tags.ts';

/** What every family of operations shares. */
export interface Platform {
  readonly cloud: Cloud;
  readonly processes: Processes;
  readonly quotas: Quotas;
  readonly tags: Tags;
  readonly images: ImageSource;
  /** Set once the service stops: a program that ends from then on was ended by us and decides nothing. */
  stopped: boolean;
}

export const createPlatform = (cloud: Cloud, images: ImageSource): Platform => ({
  cloud,
  processes: new Processes(cloud, 'sagemaker.processes'),
  quotas: new Quotas(cloud),
  tags: new Tags(cloud),
  images,
  stopped: false,
});

/** A folder of this service below the cloud's state. */
export const folder = (cloud: Cloud, ...names: string[]): string => join(cloud.stateDir, 'sagemaker', ...names);

/** Handing a role to SageMaker needs `iam:PassRole` on it. */
export const passRole = (roleArn: string): Need => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
});

/** @throws {ServiceError} ValidationException where the role is missing or does not trust SageMaker */
export async function assumeForSageMaker(cloud: Cloud, roleArn: string, arn: string): Promise<Principal> {
  try {
    return await cloud.assume(roleArn, 'SageMaker', 'sagemaker.amazonaws.com', arn);
  } catch (error) {
    throw validation(
      `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role: ${(error as Error).message}`,
    );
  }
}

/** The first 1,024 characters, as long as a FailureReason may be. */
export const failureReason = (text: string): string => text.slice(0, 1024);
