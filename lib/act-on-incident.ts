import { Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ActOnIncidentEnv } from '../lambdas/act-on-incident/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import {
  grantLookUp,
  grantReadObjects,
  grantTellSystems,
  grantWriteLineage,
  grantWriteObjects,
} from './lineage-grants.ts';
import { grantVerifyLinks, verifyingEnvironment } from './live-keys.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick, stateMachineArn } from './pipeline.ts';
import { grantStartReleases, grantStartRollbacks } from './release-grants.ts';
import { grantCheckSessions, sessionEnvironment } from './sign-in.ts';

/** Properties for ActOnIncident. */
export interface ActOnIncidentProps extends Omit<PipelineProps, 'containers'> {
  /** The API that has the approval pages. */
  readonly pages: HttpApi;
  /** Where the end of an incident is published. */
  readonly alerts: Topic;
}

/** The page of an incident: it is answered there, and a retraining or a rollback is asked for. */
export class ActOnIncident extends Construct {
  constructor(scope: Construct, id: string, props: ActOnIncidentProps) {
    super(scope, id);
    const { storage, pages, alerts } = props;
    const handler = new HandlerFunction(this, 'ActOnIncident', {
      ...props,
      handler: 'act-on-incident',
      env: ActOnIncidentEnv,
      environment: {
        ...pick(
          environmentOf(this, props),
          'LINEAGE_TABLE_NAME',
          'ACCOUNT_ID',
          'APPROVED_BUCKET_NAME',
          'ARTIFACTS_BUCKET_NAME',
          'PREFIX',
        ),
        ...sessionEnvironment(storage, pages),
        ...verifyingEnvironment(storage.incidentKeys),
        ALERT_TOPIC_ARN: alerts.topicArn,
        RELEASE_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, props.prefix, 'release-model'),
        ROLL_BACK_MODEL_STATE_MACHINE_ARN: stateMachineArn(this, props.prefix, 'roll-back-model'),
      },
    });
    grantWriteLineage(storage.table, handler);
    grantLookUp(storage.table, handler);
    grantReadObjects(storage.approved, handler);
    grantReadObjects(storage.artifacts, handler);
    grantWriteObjects(storage.artifacts, handler, '*/baselines/*');
    grantStartReleases(this, props, handler);
    grantStartRollbacks(this, props, handler);
    grantCheckSessions(handler, storage);
    grantVerifyLinks(handler, storage.incidentKeys);
    allow(handler.role, { actions: ['sns:Publish'], resources: [alerts.topicArn] });
    grantTellSystems(storage.table, handler);

    const routes = pages.addRoutes({
      path: '/incidents/{incident}',
      methods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
      integration: new HttpLambdaIntegration('ActOnIncident', handler.function),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          "Every request carries a link signed for an incident's readers (KMS HMAC), and where an issuer is configured a session.",
      });
    }
  }
}
