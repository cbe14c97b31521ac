import { Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { SignInEnv } from '../lambdas/sign-in/contract.ts';
import { HandlerFunction } from './handler-function.ts';
import { grantRecordSignOuts } from './lineage-grants.ts';
import { allow } from './permission.ts';
import { environmentOf, type PipelineProps, pick } from './pipeline.ts';
import type { StorageStack } from './storage-stack.ts';

/** Properties for SignIn. */
export interface SignInProps extends Omit<PipelineProps, 'containers'> {
  /** The API that has the pages. */
  readonly pages: HttpApi;
}

/** Sends people to the configured issuer and takes them back with a session; nothing where no issuer is configured. */
export class SignIn extends Construct {
  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    const { storage, pages } = props;
    if (!storage.sessionKey) return;
    const handler = new HandlerFunction(this, 'SignIn', {
      ...props,
      handler: 'sign-in',
      env: SignInEnv,
      environment: {
        ...pick(environmentOf(this, props), 'LINEAGE_TABLE_NAME'),
        SESSION_KEY_ARN: storage.sessionKey.keyArn,
        PAGES_URL: pages.apiEndpoint,
      },
    });
    grantRecordSignOuts(storage.table, handler);
    allow(handler.role, { actions: ['kms:GenerateMac', 'kms:VerifyMac'], resources: [storage.sessionKey.keyArn] });

    const integration = new HttpLambdaIntegration('SignIn', handler.function);
    const routes = [
      ...pages.addRoutes({ path: '/sign-in', methods: [HttpMethod.GET], integration }),
      ...pages.addRoutes({ path: '/sign-in/callback', methods: [HttpMethod.GET], integration }),
      ...pages.addRoutes({ path: '/sign-out', methods: [HttpMethod.POST], integration }),
    ];
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'This is where people sign in: they have no session yet. What comes back from the issuer is verified.',
      });
    }
  }
}

/** What a page checks sessions with. */
export const sessionEnvironment = ({ sessionKey }: StorageStack, pages: HttpApi) =>
  sessionKey ? { SESSION_KEY_ARN: sessionKey.keyArn, PAGES_URL: pages.apiEndpoint } : {};

/** Checks sessions; only the sign-in can make one. */
// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
export const grantCheckSessions = (handler: HandlerFunction<any>, { sessionKey }: StorageStack): void => {
  if (sessionKey) allow(handler.role, { actions: ['kms:VerifyMac'], resources: [sessionKey.keyArn] });
};
