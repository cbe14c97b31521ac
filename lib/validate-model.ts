import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EvaluateModelEnv } from '../lambdas/evaluate-model/contract.ts';
import { PlanValidationEnv } from '../lambdas/plan-validation/contract.ts';
import { RegisterModelEnv } from '../lambdas/register-model/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, MADE_AT_RUN_TIME, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';
import { transformStatements } from './transform-statements.ts';

/** Judges a sealed candidate on the hold-out, beside the champion. */
export class ValidateModel extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage, prefix } = props;
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
      timeout: Duration.minutes(5),
      memorySize: 1024,
    });
    const evaluateModel = new HandlerFunction(functions, 'EvaluateModel', {
      ...props,
      handler: 'evaluate-model',
      env: EvaluateModelEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'APPROVED_BUCKET_NAME'),
      timeout: Duration.minutes(15),
      memorySize: 1769,
    });
    const registerModel = new HandlerFunction(functions, 'RegisterModel', {
      ...props,
      handler: 'register-model',
      env: RegisterModelEnv,
      environment: pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'APPROVED_BUCKET_NAME', 'PREFIX'),
    });
    allow(registerModel.role, {
      actions: ['sagemaker:CreateModelPackageGroup', 'sagemaker:AddTags', 'sagemaker:CreateModelPackage'],
      resources: [sageMakerArn(scope, 'model-package-group', prefix), sageMakerArn(scope, 'model-package', prefix)],
      because: MADE_AT_RUN_TIME,
    });
    grantWriteLineage(storage.table, planValidation, evaluateModel, registerModel);
    grantReadObjects(storage.approved, planValidation);
    grantWriteObjects(storage.approved, planValidation, '*/prepared/*/permuted/*');
    grantReadObjects(storage.approved, registerModel);
    grantReadObjects(storage.approved, evaluateModel);
    grantReadObjects(storage.artifacts, evaluateModel);
    grantWriteObjects(storage.artifacts, evaluateModel);

    super(scope, id, {
      prefix,
      definition: 'validate-model',
      vpc: props.config.vpc,
      invokes: {
        PlanValidationFunctionArn: planValidation,
        EvaluateModelFunctionArn: evaluateModel,
        RegisterModelFunctionArn: registerModel,
      },
      integrations: transformStatements(scope, props),
    });
  }
}
