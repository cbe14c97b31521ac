import { credentialsOf } from '../../gateway/credentials.ts';
import type { HttpRequest } from '../../http.ts';
import { uniqueIdOf } from '../../principal-id.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import type { Stage } from './api.ts';
import { UnauthorizedError } from './jwt.ts';

/** `requestContext.authorizer.iam` of payload format 2.0. */
export interface IamCaller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: null;
  readonly userArn: string;
  readonly userId: string;
}

/**
 * Who has signed a request to a route with AWS_IAM, and may invoke it.
 *
 * @throws {UnauthorizedError} 403, as API Gateway answers whatever is wrong
 */
export function iamCaller(
  cloud: Cloud,
  request: HttpRequest,
  { stage, path }: { readonly stage: Stage; readonly path: string },
): IamCaller {
  const credentials = credentialsOf(request);
  if (credentials?.scope !== 'execute-api') throw new UnauthorizedError(403, 'no signature for execute-api');
  try {
    const principal = cloud.principalOf(credentials.accessKeyId);
    const inStage = stage.name === '$default' ? path : path.slice(stage.name.length + 1);
    const resource = `arn:aws:execute-api:${cloud.region}:${cloud.account}:${stage.apiId}/${stage.name}/${request.method}${inStage}`;
    cloud.authorize(principal, [{ action: 'execute-api:Invoke', resource }]);
    const id = uniqueIdOf(principal);
    return {
      accessKey: credentials.accessKeyId,
      accountId: cloud.account,
      callerId: id,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: principal.arn,
      userId: id,
    };
  } catch (error) {
    if (error instanceof ServiceError) throw new UnauthorizedError(403, error.message);
    throw error;
  }
}
