import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CheckDriftEnv } from '../lambdas/check-drift/contract.ts';
import { GovernRetrainingEnv } from '../lambdas/govern-retraining/contract.ts';
import { MeasureQualityEnv } from '../lambdas/measure-quality/contract.ts';
import { ProfileCapturesEnv } from '../lambdas/profile-captures/contract.ts';
import { RaiseAlertEnv } from '../lambdas/raise-alert/contract.ts';
import { AslStateMachine } from './asl-state-machine.ts';
import { HandlerFunction } from './handler-function.ts';
import {
  grantLookUp,
  grantReadObjects,
  grantTellSystems,
  grantWriteLineage,
  grantWriteObjects,
} from './lineage-grants.ts';
import { grantSignLinks } from './live-keys.ts';
import type { MailIdentity } from './mail-identity.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick, stateMachineArn } from './pipeline.ts';
import { ProfileHour } from './profile-hour.ts';
import { grantMeasureStaleness, grantStartReleases } from './release-grants.ts';

/** Properties for MonitorModel. */
export interface MonitorModelProps extends Omit<PipelineProps, 'containers'> {
  readonly mail: MailIdentity;
  /** Where alerts are published, besides the owner's mail. */
  readonly alerts: Topic;
  /** Where incidents are answered, beside the approval pages. */
  readonly pages: HttpApi;
}

/** Profiles what an endpoint captured and tells people of drift that persists. */
export class MonitorModel extends AslStateMachine {
  constructor(scope: Construct, id: string, props: MonitorModelProps) {
    const { storage, alerts, mail, pages } = props;
    const functions = new Construct(scope, `${id}Functions`);
    const all = environmentOf(scope, props);

    const profileCaptures = new HandlerFunction(functions, 'ProfileCaptures', {
      ...props,
      handler: 'profile-captures',
      env: ProfileCapturesEnv,
      environment: pick(
        all,
        'LINEAGE_TABLE_NAME',
        'ACCOUNT_ID',
        'ARTIFACTS_BUCKET_NAME',
        'APPROVED_BUCKET_NAME',
        'CAPTURES_BUCKET_NAME',
      ),
      timeout: Duration.minutes(15),
      memorySize: 1769,
    });
    const checkDrift = new HandlerFunction(functions, 'CheckDrift', {
      ...props,
      handler: 'check-drift',
      env: CheckDriftEnv,
      environment: {
        ...pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'ARTIFACTS_BUCKET_NAME', 'APPROVED_BUCKET_NAME', 'PREFIX'),
        ALERT_TOPIC_ARN: alerts.topicArn,
      },
      timeout: Duration.minutes(5),
    });
    const raiseAlert = new HandlerFunction(functions, 'RaiseAlert', {
      ...props,
      handler: 'raise-alert',
      env: RaiseAlertEnv,
      environment: {
        ...pick(all, 'LINEAGE_TABLE_NAME', 'ACCOUNT_ID', 'APPROVED_BUCKET_NAME', 'MAIL_FROM'),
        ALERT_TOPIC_ARN: alerts.topicArn,
        LINK_KEY_ARN: storage.incidentKeys.signing.keyArn,
        PAGES_URL: pages.apiEndpoint,
      },
    });
    const governRetraining = new HandlerFunction(functions, 'GovernRetraining', {
      ...props,
      handler: 'govern-retraining',
      env: GovernRetrainingEnv,
      environment: {
        ...pick(
          all,
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'APPROVED_BUCKET_NAME',
          'CAPTURES_BUCKET_NAME',
          'INTAKE_BUCKET_NAME',
          'PREFIX',
        ),
        RELEASE_MODEL_STATE_MACHINE_ARN: stateMachineArn(scope, props.prefix, 'release-model'),
      },
      timeout: Duration.minutes(15),
      // Two million labels and a hundred thousand rows are held at once.
      memorySize: 3008,
    });
    const measureQuality = new HandlerFunction(functions, 'MeasureQuality', {
      ...props,
      handler: 'measure-quality',
      env: MeasureQualityEnv,
      environment: {
        ...pick(
          all,
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'ARTIFACTS_BUCKET_NAME',
          'APPROVED_BUCKET_NAME',
          'CAPTURES_BUCKET_NAME',
          'INTAKE_BUCKET_NAME',
          'MAIL_FROM',
          'PREFIX',
        ),
        ALERT_TOPIC_ARN: alerts.topicArn,
        MEASURE_STALENESS_STATE_MACHINE_ARN: stateMachineArn(scope, props.prefix, 'measure-staleness'),
      },
      timeout: Duration.minutes(15),
      // A million predictions, their ids and their outcomes are held at once.
      memorySize: 3008,
    });
    grantReadObjects(storage.intake, measureQuality, 'models/*/labels/*');
    grantReadObjects(storage.approved, governRetraining);
    grantReadObjects(storage.captures, governRetraining);
    grantReadObjects(storage.intake, governRetraining, 'models/*/labels/*');
    grantReadObjects(storage.intake, governRetraining, 'models/*/data/captured/*');
    grantWriteObjects(storage.intake, governRetraining, 'models/*/data/captured/*');
    grantStartReleases(scope, props, governRetraining);
    grantWriteLineage(storage.table, profileCaptures, checkDrift, raiseAlert, governRetraining, measureQuality);
    for (const handler of [profileCaptures, measureQuality]) grantReadObjects(storage.captures, handler);
    grantLookUp(storage.table, raiseAlert);
    grantReadObjects(storage.approved, raiseAlert);
    for (const handler of [profileCaptures, checkDrift, measureQuality]) {
      grantReadObjects(storage.approved, handler);
      grantWriteObjects(storage.artifacts, handler);
      grantReadObjects(storage.artifacts, handler);
    }
    allow(checkDrift.role, {
      actions: ['cloudwatch:GetMetricData'],
      resources: ['*'],
      because: 'cloudwatch:GetMetricData has no resource types.',
    });
    for (const handler of [checkDrift, raiseAlert, measureQuality]) {
      allow(handler.role, { actions: ['sns:Publish'], resources: [alerts.topicArn] });
    }
    for (const handler of [checkDrift, measureQuality]) grantTellSystems(storage.table, handler);
    grantSignLinks(raiseAlert, storage.incidentKeys);
    mail.grantSend(raiseAlert);
    mail.grantSend(measureQuality);
    grantMeasureStaleness(scope, props, measureQuality);

    super(scope, id, {
      prefix: props.prefix,
      definition: 'monitor-model',
      invokes: {
        ProfileCapturesFunctionArn: profileCaptures,
        CheckDriftFunctionArn: checkDrift,
        RaiseAlertFunctionArn: raiseAlert,
        MeasureQualityFunctionArn: measureQuality,
        GovernRetrainingFunctionArn: governRetraining,
      },
      starts: { ProfileHourStateMachineArn: new ProfileHour(scope, 'ProfileHour', props) },
    });
  }
}
