import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EvaluateStalenessEnv } from '../lambdas/evaluate-staleness/contract.ts';
import { PlanStalenessEnv } from '../lambdas/plan-staleness/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadLineage, grantReadObjects, grantWriteLineage, grantWriteObjects } from './lineage-grants.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { transformStatements } from './transform-statements.ts';

/** Holds the last versions of a model against the same recent predictions. It serves nothing: it touches no endpoint. */
export class MeasureStaleness extends AslStateMachine {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    const { storage, prefix, config } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);
    const rows = ['LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'CAPTURES_BUCKET_NAME'] as const;
    const planStaleness = new HandlerFunction(functions, 'PlanStaleness', {
      ...props,
      handler: 'plan-staleness',
      env: PlanStalenessEnv,
      environment: pick(all, ...rows, 'APPROVED_BUCKET_NAME', 'INTAKE_BUCKET_NAME', 'PREFIX'),
      timeout: Duration.minutes(15),
      memorySize: 3008,
    });
    const evaluateStaleness = new HandlerFunction(functions, 'EvaluateStaleness', {
      ...props,
      handler: 'evaluate-staleness',
      env: EvaluateStalenessEnv,
      environment: pick(all, ...rows),
      timeout: Duration.minutes(15),
      memorySize: 1769,
    });
    grantReadLineage(storage.table, planStaleness);
    grantReadObjects(storage.intake, planStaleness, 'models/*/labels/*');
    grantReadObjects(storage.approved, planStaleness);
    grantReadObjects(storage.captures, planStaleness);
    grantWriteObjects(storage.captures, planStaleness, '*/staleness/*');
    grantWriteLineage(storage.table, evaluateStaleness);
    grantReadObjects(storage.captures, evaluateStaleness, '*/staleness/*');
    grantReadObjects(storage.artifacts, evaluateStaleness, '*/staleness/*');
    grantWriteObjects(storage.artifacts, evaluateStaleness, '*/staleness/*');
    super(scope, id, {
      prefix,
      definition: 'measure-staleness',
      vpc: config.vpc,
      invokes: { PlanStalenessFunctionArn: planStaleness, EvaluateStalenessFunctionArn: evaluateStaleness },
      integrations: transformStatements(scope, props),
    });
  }
}
