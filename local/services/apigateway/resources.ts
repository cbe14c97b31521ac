import { createHash } from 'node:crypto';
import {
  NotImplementedError,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
} from '../../service.ts';
import type { Apis } from './api.ts';

/** Ten characters, the same on every machine, so that links survive a deployment from scratch. */
const idOf = ({ stackName, logicalId }: ResourceRequest, length: number): string =>
  BigInt(`0x${createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex')}`)
    .toString(36)
    .slice(0, length);

/** `AWS::ApiGatewayV2::Api`: HTTP APIs only. */
export const apiResource = (apis: Apis): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { Name, ProtocolType } = request.properties;
    if (ProtocolType !== 'HTTP') throw new NotImplementedError(`apigateway:CreateApi ProtocolType ${ProtocolType}`);
    const id = idOf(request, 10);
    apis.put({ id, name: Name });
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: apis.endpointOf(id) } };
  };
  return {
    properties: ['Name', 'ProtocolType', 'Description', 'Tags'],
    create: put,
    update: put,
    delete: async (_request, current) => apis.delete(current.ref),
  };
};

/** `AWS::ApiGatewayV2::Stage`: Ref is the name. */
export const stageResource = (apis: Apis): ResourceHandler => {
  const put = async ({ properties }: ResourceRequest): Promise<ProvisionedResource> => {
    const { ApiId: apiId, StageName: name, AccessLogSettings, DefaultRouteSettings, RouteSettings } = properties;
    const accessLog = AccessLogSettings && {
      logGroupArn: AccessLogSettings.DestinationArn,
      format: AccessLogSettings.Format,
    };
    apis.stages.put(name, { apiId, name, accessLog, recorded: { DefaultRouteSettings, RouteSettings } });
    return { ref: name, attributes: { ApiId: apiId } };
  };
  return {
    properties: [
      'ApiId',
      'StageName',
      'AutoDeploy',
      'AccessLogSettings',
      'DefaultRouteSettings',
      'RouteSettings',
      'Description',
      'Tags',
    ],
    create: put,
    update: async (request, current) => {
      apis.stages.delete(current.attributes.ApiId!, current.ref);
      return put(request);
    },
    delete: async (_request, current) => apis.stages.delete(current.attributes.ApiId!, current.ref),
  };
};

/** `AWS::ApiGatewayV2::Integration` with a function, payload format 2.0. */
export const integrationResource = (apis: Apis): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { ApiId: apiId, IntegrationType, IntegrationUri, PayloadFormatVersion, TimeoutInMillis } = request.properties;
    if (IntegrationType !== 'AWS_PROXY')
      throw new NotImplementedError(`apigateway:CreateIntegration ${IntegrationType}`);
    if (PayloadFormatVersion !== '2.0') {
      throw new NotImplementedError(`apigateway:CreateIntegration PayloadFormatVersion ${PayloadFormatVersion}`);
    }
    const functionArn = /arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+/.exec(IntegrationUri)?.[0];
    if (!functionArn) throw new NotImplementedError(`apigateway:CreateIntegration IntegrationUri ${IntegrationUri}`);
    const id = idOf(request, 7);
    apis.integrations.put(id, { apiId, id, functionArn, timeoutMilliseconds: Number(TimeoutInMillis ?? 30_000) });
    return { ref: id, attributes: { IntegrationId: id, ApiId: apiId } };
  };
  return {
    properties: [
      'ApiId',
      'IntegrationType',
      'IntegrationUri',
      'IntegrationMethod',
      'PayloadFormatVersion',
      'TimeoutInMillis',
      'Description',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => apis.integrations.delete(current.attributes.ApiId!, current.ref),
  };
};

/** `AWS::ApiGatewayV2::Route`. */
export const routeResource = (apis: Apis): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const {
      ApiId: apiId,
      RouteKey: key,
      Target,
      AuthorizationType,
      AuthorizerId,
      AuthorizationScopes,
    } = request.properties;
    const type = AuthorizationType ?? 'NONE';
    if (!['NONE', 'JWT', 'AWS_IAM'].includes(type))
      throw new NotImplementedError(`apigateway:CreateRoute AuthorizationType ${type}`);
    if (!/^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*)$/.test(key)) {
      throw new NotImplementedError(`apigateway:CreateRoute RouteKey ${key}`);
    }
    const id = idOf(request, 7);
    apis.routes.put(id, {
      apiId,
      id,
      key,
      integrationId: String(Target).replace(/^integrations\//, ''),
      authorizerId: type === 'JWT' ? AuthorizerId : undefined,
      scopes: AuthorizationScopes ?? [],
      signed: type === 'AWS_IAM',
    });
    return { ref: id, attributes: { RouteId: id, ApiId: apiId } };
  };
  return {
    properties: [
      'ApiId',
      'RouteKey',
      'Target',
      'AuthorizationType',
      'AuthorizerId',
      'AuthorizationScopes',
      'OperationName',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => apis.routes.delete(current.attributes.ApiId!, current.ref),
  };
};

/** `AWS::ApiGatewayV2::Authorizer` for the tokens of an OpenID issuer. */
export const authorizerResource = (apis: Apis): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { ApiId: apiId, AuthorizerType, IdentitySource, JwtConfiguration } = request.properties;
    if (AuthorizerType !== 'JWT')
      throw new NotImplementedError(`apigateway:CreateAuthorizer AuthorizerType ${AuthorizerType}`);
    const id = idOf(request, 6);
    apis.authorizers.put(id, {
      apiId,
      id,
      issuer: JwtConfiguration.Issuer,
      audience: JwtConfiguration.Audience ?? [],
      identitySource: IdentitySource?.[0] ?? '$request.header.Authorization',
    });
    return { ref: id, attributes: { AuthorizerId: id, ApiId: apiId } };
  };
  return {
    properties: ['ApiId', 'Name', 'AuthorizerType', 'IdentitySource', 'JwtConfiguration'],
    create: put,
    update: put,
    delete: async (_request, current) => apis.authorizers.delete(current.attributes.ApiId!, current.ref),
  };
};
