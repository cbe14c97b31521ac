import type { Cloud, Service } from '../../service.ts';
import { Apis } from './api.ts';
import { apiResource, authorizerResource, integrationResource, routeResource, stageResource } from './resources.ts';
import { ApiServer } from './serve.ts';

/** API Gateway's HTTP APIs, served under `/_api/{apiId}/`. Its own API is not served: APIs come from templates. */
export const createApiGatewayService = (cloud: Cloud): Service => {
  const apis = new Apis(cloud);
  const server = new ApiServer(cloud, apis);
  const unmount = cloud.http.mount('/_api/', (request) => server.serve(request));
  return {
    name: 'apigateway',
    operations: {},
    resources: {
      'AWS::ApiGatewayV2::Api': apiResource(apis),
      'AWS::ApiGatewayV2::Stage': stageResource(apis),
      'AWS::ApiGatewayV2::Integration': integrationResource(apis),
      'AWS::ApiGatewayV2::Route': routeResource(apis),
      'AWS::ApiGatewayV2::Authorizer': authorizerResource(apis),
    },
    stop: async () => unmount(),
  };
};
