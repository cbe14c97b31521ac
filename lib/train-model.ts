import { Construct } from 'constructs';
import { PlanTrainingEnv } from '../lambdas/plan-training/contract.ts';
import { RecordTrainingEnv } from '../lambdas/record-training/contract.ts';
import { AslStateMachine, managedRuleStatement } from './asl-state-machine.ts';
import type { AssignSlots } from './assign-slots.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, MADE_AT_RUN_TIME, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';
import { trainingConditions } from './sagemaker-conditions.ts';

/** Properties for TrainModel. */
export interface TrainModelProps extends PipelineProps {
  readonly slots: AssignSlots;
}

/** Runs a training job, or a search of several, without network and under the team's own role. */
export class TrainModel extends AslStateMachine {
  constructor(scope: Construct, id: string, props: TrainModelProps) {
    const { storage, containers, prefix } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);
    const jobs = sageMakerArn(scope, 'training-job', prefix);
    const searches = sageMakerArn(scope, 'hyper-parameter-tuning-job', prefix);

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
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME'),
    });
    grantWriteLineage(storage.table, planTraining, recordTraining);
    grantReadObjects(storage.approved, planTraining);
    for (const handler of [planTraining, recordTraining]) {
      allow(handler.role, {
        actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:ListTags'],
        resources: [jobs],
        because: MADE_AT_RUN_TIME,
      });
      allow(handler.role, {
        actions: [
          'sagemaker:DescribeHyperParameterTuningJob',
          'sagemaker:ListTrainingJobsForHyperParameterTuningJob',
          'sagemaker:ListTags',
        ],
        resources: [searches],
        because: MADE_AT_RUN_TIME,
      });
    }
    grantWriteObjects(storage.artifacts, recordTraining, '*/releases/*/search.json');
    super(scope, id, {
      prefix,
      definition: 'train-model',
      vpc: props.config.vpc,
      invokes: {
        PlanTrainingFunctionArn: planTraining,
        RecordTrainingFunctionArn: recordTraining,
        AssignSlotsFunctionArn: props.slots.handler,
      },
      integrations: [
        {
          actions: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateHyperParameterTuningJob'],
          resources: [jobs, searches],
          because: MADE_AT_RUN_TIME,
          conditions: trainingConditions(props.config),
        },
        {
          actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob', 'sagemaker:AddTags'],
          resources: [jobs],
          because: MADE_AT_RUN_TIME,
        },
        {
          actions: [
            'sagemaker:DescribeHyperParameterTuningJob',
            'sagemaker:StopHyperParameterTuningJob',
            'sagemaker:AddTags',
          ],
          resources: [searches],
          because: MADE_AT_RUN_TIME,
        },
        containers.passStatement('train'),
        managedRuleStatement(scope, 'StepFunctionsGetEventsForSageMakerTrainingJobsRule'),
        managedRuleStatement(scope, 'StepFunctionsGetEventsForSageMakerTuningJobsRule'),
      ],
    });
  }
}
