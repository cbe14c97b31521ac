import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { AuthorizeDeploymentEnv } from '../lambdas/authorize-deployment/contract.ts';
import { SwitchChampionEnv } from '../lambdas/switch-champion/contract.ts';
import { VerifyDeploymentEnv } from '../lambdas/verify-deployment/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { rolloutAlarmsArn } from './container-roles.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantReadObjects, grantWriteLineage } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, MADE_AT_RUN_TIME, type PipelineProps, pick, sageMakerArn } from './pipeline.ts';
import { instanceConditions, modelConditions } from './sagemaker-conditions.ts';

/** Properties for DeployModel. */
export interface DeployModelProps extends PipelineProps {
  /** Started by every model's schedule. */
  readonly monitorModel: AslStateMachine;
}

/** Puts approved versions behind endpoints. Only `serve-version` may create or update one, and it authorizes first. */
export class DeployModel extends Construct {
  readonly machine: AslStateMachine;
  /** The only machine that may touch endpoints, and what follows it: for whoever serves a version. */
  readonly serveVersion: AslStateMachine;
  readonly verifyDeployment: HandlerFunction<typeof VerifyDeploymentEnv>;
  readonly switchChampion: HandlerFunction<typeof SwitchChampionEnv>;
  readonly scheduleDeadLetters: Queue;
  readonly scheduleGroup: string;

  constructor(scope: Construct, id: string, props: DeployModelProps) {
    super(scope, id);
    const { prefix } = props;
    this.scheduleGroup = `${prefix}-models`;
    this.scheduleDeadLetters = deadLetterQueue(this, 'ScheduleDeadLetters', `${prefix}-schedule-dead-letters`);
    Validations.of(this.scheduleDeadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of schedules, which the workflow creates.',
    });
    new CfnScheduleGroup(this, 'Schedules', { name: this.scheduleGroup });
    const scheduleRole = this.#scheduleRole(props);
    this.serveVersion = this.#serveVersion(props);
    this.verifyDeployment = this.#verifyDeployment(props);
    this.switchChampion = this.#switchChampion(props);
    const stack = Stack.of(this);

    this.machine = new AslStateMachine(this, 'Workflow', {
      prefix,
      definition: 'deploy-model',
      invokes: {
        VerifyDeploymentFunctionArn: this.verifyDeployment,
        SwitchChampionFunctionArn: this.switchChampion,
      },
      starts: { ServeVersionStateMachineArn: this.serveVersion },
      names: {
        ScheduleGroupName: this.scheduleGroup,
        MonitorModelStateMachineArn: props.monitorModel.stateMachine.stateMachineArn,
        ScheduleRoleArn: scheduleRole.roleArn,
        ScheduleDeadLetterQueueArn: this.scheduleDeadLetters.queueArn,
        LineageTableName: props.storage.table.tableName,
        EndpointPrefix: prefix,
      },
      integrations: [
        {
          actions: ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule'],
          because: MADE_AT_RUN_TIME,
          resources: [
            stack.formatArn({
              service: 'scheduler',
              resource: 'schedule',
              resourceName: `${this.scheduleGroup}/${prefix}-*`,
            }),
          ],
        },
        {
          actions: ['iam:PassRole'],
          resources: [scheduleRole.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
        },
        { actions: ['dynamodb:GetItem'], resources: [props.storage.table.tableArn] },
        {
          actions: ['sagemaker:DeleteEndpoint'],
          resources: [sageMakerArn(this, 'endpoint', prefix)],
          because: MADE_AT_RUN_TIME,
        },
      ],
    });
  }

  #serveVersion(props: DeployModelProps): AslStateMachine {
    const { prefix, storage, containers } = props;
    const authorizeDeployment = new HandlerFunction(this, 'AuthorizeDeployment', {
      ...props,
      timeout: Duration.minutes(2), // it hashes the artifact again
      memorySize: 1769,
      handler: 'authorize-deployment',
      env: AuthorizeDeploymentEnv,
      environment: pick(
        environmentOf(this, props),
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'APPROVED_BUCKET_NAME',
        'CAPTURES_BUCKET_NAME',
        'PREFIX',
      ),
    });
    grantWriteLineage(storage.table, authorizeDeployment);
    grantReadObjects(storage.approved, authorizeDeployment);

    const models = sageMakerArn(this, 'model', prefix);
    const configurations = sageMakerArn(this, 'endpoint-config', prefix);
    const endpoints = sageMakerArn(this, 'endpoint', prefix);
    return new AslStateMachine(this, 'ServeVersion', {
      prefix,
      definition: 'serve-version',
      vpc: props.config.vpc,
      invokes: { AuthorizeDeploymentFunctionArn: authorizeDeployment },
      integrations: [
        {
          actions: ['sagemaker:CreateModel'],
          resources: [models],
          because: MADE_AT_RUN_TIME,
          conditions: modelConditions(props.config),
        },
        {
          actions: ['sagemaker:CreateEndpointConfig'],
          resources: [configurations],
          because: MADE_AT_RUN_TIME,
          conditions: instanceConditions(props.config),
        },
        {
          actions: ['sagemaker:DescribeModel', 'sagemaker:DescribeEndpointConfig', 'sagemaker:AddTags'],
          resources: [models, configurations, endpoints],
          because: MADE_AT_RUN_TIME,
        },
        {
          actions: ['sagemaker:CreateEndpoint', 'sagemaker:UpdateEndpoint'],
          resources: [endpoints, configurations],
          because: MADE_AT_RUN_TIME,
        },
        {
          actions: ['sagemaker:DescribeEndpoint', 'sagemaker:DeleteEndpoint'],
          resources: [endpoints],
          because: MADE_AT_RUN_TIME,
        },
        {
          actions: ['cloudwatch:PutMetricAlarm', 'cloudwatch:DescribeAlarms'],
          resources: [rolloutAlarmsArn(this, prefix)],
          because: MADE_AT_RUN_TIME,
        },
        containers.passStatement('serve'),
      ],
    });
  }

  #verifyDeployment(props: DeployModelProps): HandlerFunction<typeof VerifyDeploymentEnv> {
    const { prefix, storage } = props;
    const handler = new HandlerFunction(this, 'VerifyDeployment', {
      ...props,
      handler: 'verify-deployment',
      env: VerifyDeploymentEnv,
      environment: pick(
        environmentOf(this, props),
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'ARTIFACTS_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'PREFIX',
      ),
      timeout: Duration.minutes(5),
    });
    grantWriteLineage(storage.table, handler);
    grantReadObjects(storage.artifacts, handler);
    grantReadObjects(storage.approved, handler);
    allow(handler.role, {
      actions: [
        'sagemaker:DescribeEndpoint',
        'sagemaker:DescribeEndpointConfig',
        'sagemaker:DescribeModel',
        'sagemaker:InvokeEndpoint',
      ],
      resources: ['endpoint', 'endpoint-config', 'model'].map((type) => sageMakerArn(this, type, prefix)),
      because: MADE_AT_RUN_TIME,
    });
    allow(handler.role, {
      actions: ['cloudwatch:GetMetricData'],
      resources: ['*'],
      because: 'cloudwatch:GetMetricData has no resource types.',
    });
    return handler;
  }

  #switchChampion(props: DeployModelProps): HandlerFunction<typeof SwitchChampionEnv> {
    const handler = new HandlerFunction(this, 'SwitchChampion', {
      ...props,
      handler: 'switch-champion',
      env: SwitchChampionEnv,
      environment: pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
    });
    grantWriteLineage(props.storage.table, handler);
    return handler;
  }

  #scheduleRole({ monitorModel }: DeployModelProps): Role {
    const stack = Stack.of(this);
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    allow(role, {
      actions: ['states:StartExecution'],
      resources: [monitorModel.stateMachine.stateMachineArn],
    });
    allow(role, { actions: ['sqs:SendMessage'], resources: [this.scheduleDeadLetters.queueArn] });
    return role;
  }
}
