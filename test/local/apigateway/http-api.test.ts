import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let endpoint: string;
let ApiId: string;

const ECHO = `export const handler = async (event) => {
  if (event.rawPath === '/plain') return 'plain words';
  if (event.rawPath === '/object') return { a: 1 };
  if (event.rawPath === '/broken') throw new Error('secret detail');
  if (event.rawPath === '/bytes') return { statusCode: 200, isBase64Encoded: true, body: 'AP8=', headers: { 'Content-Type': 'application/octet-stream' } };
  return { statusCode: 201, headers: { 'X-Route': event.routeKey }, cookies: ['a=1; HttpOnly', 'b=2'], body: JSON.stringify(event) };
};`;

const ROUTES = ['GET /approvals/{requestId}', 'POST /approvals/{requestId}', 'GET /approvals/help', 'GET /{proxy+}'];

beforeEach(async () => {
  small = await SmallCloud.start();
  const fn = await small.function('pages', ECHO);
  const api = await small.create('AWS::ApiGatewayV2::Api', { Name: 'approvals', ProtocolType: 'HTTP' }, 'Api');
  ApiId = api.ref;
  endpoint = api.attributes.ApiEndpoint!;
  await small.create('AWS::ApiGatewayV2::Stage', { ApiId, StageName: '$default', AutoDeploy: true }, 'Stage');
  const integration = await small.create(
    'AWS::ApiGatewayV2::Integration',
    { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: fn.attributes.Arn, PayloadFormatVersion: '2.0' },
    'Integration',
  );
  for (const [index, RouteKey] of ROUTES.entries()) {
    await small.create(
      'AWS::ApiGatewayV2::Route',
      { ApiId, RouteKey, Target: `integrations/${integration.ref}` },
      `Route${index}`,
    );
  }
});

afterEach(() => small.stop());

const permit = () =>
  small.create('AWS::Lambda::Permission', {
    FunctionName: 'pages',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:eu-west-1:000000000000:${ApiId}/*/*`,
  });

describe('a route with AWS_IAM', () => {
  const route = async () => {
    await permit();
    const integration = small.cloud.store.list<{ id: string }>('apigateway.integrations')[0]!.value.id;
    const properties = { ApiId, RouteKey: 'GET /signed/{x}', Target: `integrations/${integration}` };
    await small.create('AWS::ApiGatewayV2::Route', { ...properties, AuthorizationType: 'AWS_IAM' }, 'Signed');
  };
  const signed = (key: string, scope = 'execute-api') => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20300101/eu-west-1/${scope}/aws4_request, SignedHeaders=host, Signature=00`,
  });

  it('tells its function who has signed the request', async () => {
    await route();
    const response = await fetch(`${endpoint}/signed/1`, { headers: signed('ada') });
    const { requestContext } = (await response.json()) as any;
    expect(requestContext.authorizer).toEqual({
      iam: {
        accessKey: 'ada',
        accountId: '000000000000',
        callerId: 'ada',
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: 'arn:aws:iam::000000000000:user/ada',
        userId: 'ada',
      },
    });
  });

  it('lets a role in only where its policy has execute-api:Invoke on the route', async () => {
    await route();
    const resource = (path: string) => `arn:aws:execute-api:eu-west-1:000000000000:${ApiId}/$default/GET${path}`;
    for (const [path, status] of [
      ['/signed/*', 201],
      ['/approvals/*', 403],
    ] as const) {
      const role = await small.role(`caller-${status}`, 'lambda.amazonaws.com', [
        ['execute-api:Invoke', resource(path)],
      ]);
      const session = await small.cloud.assume(role, 'test', 'lambda.amazonaws.com');
      const headers = signed(small.cloud.credentialsFor(session).accessKeyId);
      const response = await fetch(`${endpoint}/signed/1`, { headers });
      expect(response.status).toBe(status);
    }
  });

  it('refuses who has not signed, has signed for another service, or with a key that nobody was given', async () => {
    await route();
    for (const headers of [{}, signed('ada', 's3'), signed(`ASIA${'A'.repeat(16)}`), { authorization: 'Bearer x' }]) {
      const response = await fetch(`${endpoint}/signed/1`, { headers: headers as Record<string, string> });
      expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }]);
    }
  });
});

describe('an HTTP API', () => {
  it('hands a request to its function in payload format 2.0', async () => {
    await permit();
    const response = await fetch(`${endpoint}/approvals/r%201?link=a%2Bb&x=1&x=2`, {
      headers: { cookie: 'c=3; d=4', 'X-Test': 'yes' },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      version: '2.0',
      routeKey: 'GET /approvals/{requestId}',
      rawPath: '/approvals/r 1',
      rawQueryString: 'link=a%2Bb&x=1&x=2',
      queryStringParameters: { link: 'a+b', x: '1,2' },
      pathParameters: { requestId: 'r 1' },
      cookies: ['c=3', 'd=4'],
      headers: { 'x-test': 'yes' },
      requestContext: {
        apiId: ApiId,
        stage: '$default',
        http: { method: 'GET', path: '/approvals/r 1', sourceIp: '127.0.0.1' },
      },
      isBase64Encoded: false,
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2']);
  });

  it('hands on a form in base64 and JSON as text', async () => {
    await permit();
    const form = await fetch(`${endpoint}/approvals/r`, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'approve' }),
    });
    expect(await form.json()).toMatchObject({
      body: Buffer.from('decision=approve').toString('base64'),
      isBase64Encoded: true,
    });
    const json = await fetch(`${endpoint}/approvals/r`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await json.json()).toMatchObject({ body: '{}', isBase64Encoded: false });
  });

  it.each([
    ['/approvals/help', 'GET /approvals/help'],
    ['/approvals/other', 'GET /approvals/{requestId}'],
    ['/any/thing', 'GET /{proxy+}'],
  ])('takes the most specific route for %s', async (path, route) => {
    await permit();
    expect((await fetch(endpoint + path)).headers.get('x-route')).toBe(route);
  });

  it('answers with plain values and bytes as they are', async () => {
    await permit();
    expect(await (await fetch(`${endpoint}/plain`)).text()).toBe('plain words');
    expect(await (await fetch(`${endpoint}/object`)).json()).toEqual({ a: 1 });
    expect([...new Uint8Array(await (await fetch(`${endpoint}/bytes`)).arrayBuffer())]).toEqual([0, 255]);
  });

  it('says nothing of what went wrong inside', async () => {
    await permit();
    const response = await fetch(`${endpoint}/broken`);
    expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  it('may not call a function that did not permit it', async () => {
    expect((await fetch(`${endpoint}/plain`)).status).toBe(500);
    expect(small.reports.join('\n')).toContain('lambda:InvokeFunction');
  });

  it('logs requests without their query strings', async () => {
    await permit();
    const group = await small.create(
      'AWS::Logs::LogGroup',
      { LogGroupName: '/aws/vendedlogs/apis/approvals' },
      'AccessLogs',
    );
    const Format = JSON.stringify({
      method: '$context.httpMethod',
      path: '$context.path',
      status: '$context.status',
      other: '$context.nothing',
    });
    const AccessLogSettings = { DestinationArn: group.attributes.Arn, Format };
    await small.create('AWS::ApiGatewayV2::Stage', { ApiId, StageName: '$default', AccessLogSettings }, 'Stage');
    await fetch(`${endpoint}/approvals/r?link=secret`);
    await small.cloud.idle();
    const { events } = await small.call('logs', 'FilterLogEvents', { logGroupName: '/aws/vendedlogs/apis/approvals' });
    expect(events.map(({ message }: { message: string }) => JSON.parse(message))).toEqual([
      { method: 'GET', path: '/approvals/r', status: '201', other: '-' },
    ]);
  });

  it('answers 404 where no route fits', async () => {
    await permit();
    expect((await fetch(`${endpoint}/approvals/r`, { method: 'DELETE' })).status).toBe(404);
    expect((await fetch(`${small.cloud.url}/_api/unknown/x`)).status).toBe(404);
  });
});

describe('a route with an authorizer', () => {
  const issuer = () => `${small.cloud.url}/_issuer`;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const token = (claims: object) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };

  beforeEach(async () => {
    await permit();
    small.cloud.http.mount('/_issuer', ({ path }) => ({
      status: 200,
      body: JSON.stringify(
        path.endsWith('openid-configuration')
          ? { jwks_uri: `${issuer()}/keys` }
          : { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] },
      ),
    }));
    const authorizer = await small.create(
      'AWS::ApiGatewayV2::Authorizer',
      { ApiId, Name: 'people', AuthorizerType: 'JWT', JwtConfiguration: { Issuer: issuer(), Audience: ['launchway'] } },
      'Authorizer',
    );
    const [integration] = small.cloud.store.list<{ id: string }>('apigateway.integrations');
    await small.create(
      'AWS::ApiGatewayV2::Route',
      {
        ApiId,
        RouteKey: 'GET /models',
        Target: `integrations/${integration!.value.id}`,
        AuthorizationType: 'JWT',
        AuthorizerId: authorizer.ref,
      },
      'Guarded',
    );
  });

  const get = (bearer?: string) =>
    fetch(`${endpoint}/models`, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
  const claims = () => ({ iss: issuer(), aud: 'launchway', sub: 'ann', exp: small.cloud.clock.now() / 1000 + 60 });

  it('lets in who holds a valid token, and tells the function who that is', async () => {
    const response = await get(token(claims()));
    expect(await response.json()).toMatchObject({
      requestContext: { authorizer: { jwt: { claims: { sub: 'ann' } } } },
    });
  });

  it.each([
    ['no token', () => undefined],
    ['an expired one', () => token({ ...claims(), exp: small.cloud.clock.now() / 1000 - 1 })],
    ['one for others', () => token({ ...claims(), aud: 'others' })],
    ['one of another issuer', () => token({ ...claims(), iss: 'https://example.org' })],
    ['a changed one', () => `${token(claims()).slice(0, -6)}AAAAAA`],
  ])('refuses %s', async (_, bearer) => {
    expect((await get(bearer())).status).toBe(401);
  });
});
