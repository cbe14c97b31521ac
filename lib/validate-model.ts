import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { EvaluateModelEnv } from '../lambdas/evaluate-model/contract.ts';
import { PlanValidationEnv } from '../lambdas/plan-validation/contract.ts';
import { AslStateMachine, managedRuleStatement } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';

/** Judges a sealed candidate on the hold-out, beside the champion. */
export class ValidateModel extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage, containers, prefix } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);

    const planValidation = new HandlerFunction(functions, 'PlanValidation', {
      ...props,
      handler: 'plan-validation',
      env: PlanValidationEnv,
      environment: pick(
        all,
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'ARTIFACTS_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'PREFIX',
      ),
    });
    const evaluateModel = new HandlerFunction(functions, 'EvaluateModel', {
      ...props,
      handler: 'evaluate-model',
      env: EvaluateModelEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'APPROVED_BUCKET_NAME'),
      timeout: Duration.minutes(15),
      memorySize: 1769,
    });
    grantWriteLineage(storage.table, planValidation, evaluateModel);
    grantReadObjects(storage.approved, planValidation);
    grantReadObjects(storage.approved, evaluateModel);
    grantReadObjects(storage.artifacts, evaluateModel);
    grantWriteObjects(storage.artifacts, evaluateModel);

    const models = sageMakerArn(scope, 'model', prefix);
    const jobs = sageMakerArn(scope, 'transform-job', prefix);
    super(scope, id, {
      prefix,
      definition: 'validate-model',
      invokes: { PlanValidationFunctionArn: planValidation, EvaluateModelFunctionArn: evaluateModel },
      integrations: [
        new PolicyStatement({
          actions: ['sagemaker:CreateModel'],
          resources: [models],
          conditions: { Bool: { 'sagemaker:NetworkIsolation': 'true' } },
        }),
        new PolicyStatement({ actions: ['sagemaker:DeleteModel', 'sagemaker:AddTags'], resources: [models] }),
        new PolicyStatement({
          actions: [
            'sagemaker:CreateTransformJob',
            'sagemaker:DescribeTransformJob',
            'sagemaker:StopTransformJob',
            'sagemaker:AddTags',
          ],
          resources: [jobs],
        }),
        containers.passStatement('transform'),
        managedRuleStatement(scope, 'StepFunctionsGetEventsForSageMakerTransformJobsRule'),
      ],
    });
  }
}
