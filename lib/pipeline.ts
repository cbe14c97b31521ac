import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type LaunchwayConfig, prefixOf } from './config.ts';
import type { ContainerRoles } from './container-roles.ts';
import type { StorageStack } from './storage-stack.ts';

/** What every capability of the pipeline is built from. */
export interface PipelineProps {
  readonly config: LaunchwayConfig;
  readonly prefix: string;
  readonly code: Code;
  readonly storage: StorageStack;
  readonly containers: ContainerRoles;
}

/** Environment variables, by what they give access to; the contracts of the functions pick. */
export const environmentOf = (scope: Construct, { config, storage }: Pick<PipelineProps, 'config' | 'storage'>) => ({
  LINEAGE_TABLE_NAME: storage.table.tableName,
  ACCOUNT_ID: Stack.of(scope).account,
  INTAKE_BUCKET_NAME: storage.intake.bucketName,
  ARTIFACTS_BUCKET_NAME: storage.artifacts.bucketName,
  APPROVED_BUCKET_NAME: storage.approved.bucketName,
  CAPTURES_BUCKET_NAME: storage.captures.bucketName,
  PREFIX: prefixOf(config),
  MAIL_FROM: config.mail.from,
});

/** Only the variables a contract names: an environment shows exactly what a function may reach. */
export const pick = <T extends Record<string, string>, K extends keyof T>(all: T, ...names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, all[name]])) as Pick<T, K>;

/** The ARN of a state machine by name: a function that a machine invokes cannot refer to that machine. */
export const stateMachineArn = (scope: Construct, prefix: string, definition: string): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: `${prefix}-${definition}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** `arn:…:sagemaker:…:{type}/{prefix}-*`: everything of one kind that Launchway makes. */
export const sageMakerArn = (scope: Construct, type: string, prefix: string): string =>
  Stack.of(scope).formatArn({ service: 'sagemaker', resource: type, resourceName: `${prefix}-*` });

/** Why permissions on SageMaker's resources and on schedules are patterns. */
export const MADE_AT_RUN_TIME =
  "Workflows make these for each model and release; their names start with this deployment's prefix.";
