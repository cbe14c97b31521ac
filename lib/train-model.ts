import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PlanTrainingEnv } from '../lambdas/plan-training/contract.ts';
import { RecordTrainingEnv } from '../lambdas/record-training/contract.ts';
import { AslStateMachine, managedRuleStatement } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';

/** Runs a training job, without network and under the team's own role. */
export class TrainModel extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage, containers, prefix } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);
    const jobs = sageMakerArn(scope, 'training-job', prefix);

    const planTraining = new HandlerFunction(functions, 'PlanTraining', {
      ...props,
      handler: 'plan-training',
      env: PlanTrainingEnv,
      environment: pick(
        all,
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'ARTIFACTS_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'PREFIX',
      ),
    });
    const recordTraining = new HandlerFunction(functions, 'RecordTraining', {
      ...props,
      handler: 'record-training',
      env: RecordTrainingEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME'),
    });
    grantWriteLineage(storage.table, planTraining, recordTraining);
    grantReadObjects(storage.approved, planTraining);
    for (const handler of [planTraining, recordTraining]) {
      handler.role.addToPolicy(
        new PolicyStatement({ actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:ListTags'], resources: [jobs] }),
      );
    }
    super(scope, id, {
      prefix,
      definition: 'train-model',
      invokes: { PlanTrainingFunctionArn: planTraining, RecordTrainingFunctionArn: recordTraining },
      integrations: [
        new PolicyStatement({
          actions: ['sagemaker:CreateTrainingJob'],
          resources: [jobs],
          conditions: { Bool: { 'sagemaker:NetworkIsolation': 'true' } },
        }),
        new PolicyStatement({
          actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob', 'sagemaker:AddTags'],
          resources: [jobs],
        }),
        containers.passStatement('train'),
        managedRuleStatement(scope, 'StepFunctionsGetEventsForSageMakerTrainingJobsRule'),
      ],
    });
  }
}
