import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { SealArtifactEnv } from '../lambdas/seal-artifact/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';

/** Inspects, hashes and copies a model's archive, trained here or brought, to where nobody can replace it. */
export class SealArtifact extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const sealArtifact = new HandlerFunction(functions, 'SealArtifact', {
      ...props,
      handler: 'seal-artifact',
      env: SealArtifactEnv,
      environment: pick(
        environmentOf(scope, props),
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'ARTIFACTS_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'INTAKE_BUCKET_NAME',
      ),
      timeout: Duration.minutes(15),
      memorySize: 1769,
    });
    grantWriteLineage(storage.table, sealArtifact);
    grantReadObjects(storage.artifacts, sealArtifact);
    grantReadObjects(storage.intake, sealArtifact, 'models/*/model.tar.gz');
    grantReadObjects(storage.approved, sealArtifact);
    grantWriteObjects(storage.approved, sealArtifact);
    super(scope, id, {
      prefix: props.prefix,
      definition: 'seal-artifact',
      invokes: { SealArtifactFunctionArn: sealArtifact },
    });
  }
}
