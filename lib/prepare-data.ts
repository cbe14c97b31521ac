import { Duration, Size } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PrepareChannelsEnv } from '../lambdas/prepare-channels/contract.ts';
import { ProfileBaselineEnv } from '../lambdas/profile-baseline/contract.ts';
import { SealDatasetEnv } from '../lambdas/seal-dataset/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Seals an admitted dataset and makes channels, hold-out and baseline of it. */
export class PrepareData extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);
    const room = { ...props, timeout: Duration.minutes(15), memorySize: 1769 };
    // Of the largest dataset: what it is, and what is made of it.
    const disk = { scratchSize: Size.gibibytes(10) };

    const sealDataset = new HandlerFunction(functions, 'SealDataset', {
      ...room,
      ...disk,
      handler: 'seal-dataset',
      env: SealDatasetEnv,
      environment: pick(
        all,
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'INTAKE_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'ARTIFACTS_BUCKET_NAME',
      ),
    });
    const prepareChannels = new HandlerFunction(functions, 'PrepareChannels', {
      ...room,
      ...disk,
      handler: 'prepare-channels',
      env: PrepareChannelsEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'APPROVED_BUCKET_NAME', 'ARTIFACTS_BUCKET_NAME'),
    });
    const profileBaseline = new HandlerFunction(functions, 'ProfileBaseline', {
      ...room,
      handler: 'profile-baseline',
      env: ProfileBaselineEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'APPROVED_BUCKET_NAME'),
    });

    grantWriteLineage(storage.table, sealDataset, prepareChannels, profileBaseline);
    grantReadObjects(storage.intake, sealDataset, 'models/*');
    grantWriteObjects(storage.artifacts, sealDataset);
    grantWriteObjects(storage.artifacts, prepareChannels);
    // What the champion was made from.
    grantReadObjects(storage.artifacts, prepareChannels, '*/data-report.json');
    for (const handler of [sealDataset, prepareChannels, profileBaseline]) {
      grantReadObjects(storage.approved, handler);
      grantWriteObjects(storage.approved, handler);
    }
    super(scope, id, {
      prefix: props.prefix,
      definition: 'prepare-data',
      invokes: {
        SealDatasetFunctionArn: sealDataset,
        PrepareChannelsFunctionArn: prepareChannels,
        ProfileBaselineFunctionArn: profileBaseline,
      },
    });
  }
}
