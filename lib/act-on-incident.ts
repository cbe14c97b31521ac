import { Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ActOnIncidentEnv } from '../lambdas/act-on-incident/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantWriteLineage } from './lineage-grants.ts';
import { grantVerifyLinks, verifyingEnvironment } from './live-keys.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import { grantCheckSessions, sessionEnvironment } from './sign-in.ts';

/** Properties for ActOnIncident. */
export interface ActOnIncidentProps extends Omit<PipelineProps, 'containers'> {
  /** The API that has the approval pages. */
  readonly pages: HttpApi;
  /** Where the end of an incident is published. */
  readonly alerts: Topic;
}

/** The page where an incident is acknowledged, or said to be expected. */
export class ActOnIncident extends Construct {
  constructor(scope: Construct, id: string, props: ActOnIncidentProps) {
    super(scope, id);
    const { storage, pages, alerts } = props;
    const handler = new HandlerFunction(this, 'ActOnIncident', {
      ...props,
      handler: 'act-on-incident',
      env: ActOnIncidentEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        ...sessionEnvironment(storage, pages),
        ...verifyingEnvironment(storage.incidentKeys),
        ALERT_TOPIC_ARN: alerts.topicArn,
      },
    });
    grantWriteLineage(storage.table, handler);
    grantCheckSessions(handler, storage);
    grantVerifyLinks(handler, storage.incidentKeys);
    allow(handler.role, { actions: ['sns:Publish'], resources: [alerts.topicArn] });

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
