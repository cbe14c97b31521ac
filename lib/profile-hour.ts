import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { MergeHourEnv } from '../lambdas/merge-hour/contract.ts';
import { ProfileBatchEnv } from '../lambdas/profile-batch/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Profiles an hour of captures that is too large for one function. */
export class ProfileHour extends AslStateMachine {
  constructor(scope: Construct, id: string, props: Omit<PipelineProps, 'containers'>) {
    const { storage } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);
    // One core each: a function gets one with 1,769 MB.
    const profileBatch = new HandlerFunction(functions, 'ProfileBatch', {
      ...props,
      handler: 'profile-batch',
      env: ProfileBatchEnv,
      environment: pick(all, 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'APPROVED_BUCKET_NAME', 'CAPTURES_BUCKET_NAME'),
      timeout: Duration.minutes(4),
      memorySize: 1769,
    });
    const mergeHour = new HandlerFunction(functions, 'MergeHour', {
      ...props,
      handler: 'merge-hour',
      env: MergeHourEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'APPROVED_BUCKET_NAME'),
      timeout: Duration.minutes(5),
      memorySize: 1769,
    });
    grantReadObjects(storage.captures, profileBatch);
    for (const handler of [profileBatch, mergeHour]) {
      grantReadObjects(storage.approved, handler);
      grantReadObjects(storage.artifacts, handler);
      grantWriteObjects(storage.artifacts, handler);
    }
    grantWriteLineage(storage.table, mergeHour);

    super(scope, id, {
      prefix: props.prefix,
      definition: 'profile-hour',
      invokes: { ProfileBatchFunctionArn: profileBatch, MergeHourFunctionArn: mergeHour },
      distributed: true,
    });
  }
}
