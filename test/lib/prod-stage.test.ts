import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import local from '../../launchway.config.ts';
import { defineConfig } from '../../lib/config.ts';
import { PipelineStack } from '../../lib/pipeline-stack.ts';
import { StorageStack } from '../../lib/storage-stack.ts';

let directory: string;
let pipeline: Template;
let storageTemplate: Template;
let findings: string[];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'launchway-prod-'));
  const config = defineConfig({
    ...local,
    stage: { name: 'prod', kind: 'prod' },
    people: Object.fromEntries(
      Object.entries(local.people).map(([id, person]) => [id, { ...person, subjects: [`sub-${id}`] }]),
    ),
    issuer: { url: 'https://login.example.com', clientId: 'launchway' },
    linkKeys: { generation: 3, acceptFormer: true },
    tiers: {
      ...local.tiers,
      critical: { ...local.tiers.critical!, notify: [{ format: 'teams', secret: 'launchway-prod/webhooks/lending' }] },
    },
  });
  const app = new App({
    outdir: join(directory, 'cdk.out'),
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const storage = new StorageStack(app, 'Storage', { config });
  const stack = new PipelineStack(app, 'Pipeline', { config, storage, bundleDirectory: join(directory, 'handlers') });
  app.synth();
  pipeline = Template.fromStack(stack);
  storageTemplate = Template.fromStack(storage);
  const report = readFileSync(join(directory, 'cdk.out', 'validation-report.json'), 'utf8');
  findings = report.match(/AwsSolutions-[A-Z0-9]+/g) ?? [];
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const functions = (): [string, any][] => Object.entries(pipeline.findResources('AWS::Lambda::Function'));

describe('A3: a stage of kind prod, with an issuer', () => {
  it('synthesizes, and leaves no cdk-nag finding unacknowledged', () => {
    expect(findings).toEqual([]);
  });

  it('has pages that demand a sign-in, and knows where people sign in', () => {
    const routes = Object.values<any>(pipeline.findResources('AWS::ApiGatewayV2::Route'));
    expect(routes.map(({ Properties }) => Properties.RouteKey)).toEqual(
      expect.arrayContaining(['GET /sign-in', 'GET /sign-in/callback', 'POST /sign-out']),
    );
    for (const name of ['decide-approval', 'act-on-incident', 'sign-in']) {
      const [, page] = functions().find(([, { Properties }]) => Properties.FunctionName.endsWith(`-${name}`))!;
      expect(page.Properties.Environment.Variables).toMatchObject({
        SESSION_KEY_ARN: expect.anything(),
        PAGES_URL: expect.anything(),
      });
    }
  });

  it('lets only the sign-in make sessions', () => {
    const policies = Object.values<any>(pipeline.findResources('AWS::IAM::Policy'));
    const making = policies.filter(({ Properties }) =>
      Properties.PolicyDocument.Statement.some(
        ({ Action, Resource }: { Action: string | string[]; Resource: unknown }) =>
          [Action].flat().includes('kms:GenerateMac') && JSON.stringify(Resource).includes('SessionKey'),
      ),
    );
    expect(making.map(({ Properties }) => Properties.Roles[0].Ref.replace(/[0-9A-F]{8}$/, ''))).toEqual(['SignInRole']);
  });

  it('keeps no client secret: there is none', () => {
    const variables = functions().flatMap(([, { Properties }]) => Object.keys(Properties.Environment?.Variables ?? {}));
    expect(variables.filter((name) => /SECRET|PASSWORD/.test(name))).toEqual([]);
  });
});

describe('a channel of a tier', () => {
  it('has its address read by one role, by the name of its secret, and by no environment variable', () => {
    const reading = Object.values<any>(pipeline.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: string }) =>
        /^secretsmanager:/.test(Action),
      ).map((statement: object) => ({ role: Properties.Roles[0].Ref.replace(/[0-9A-F]{8}$/, ''), ...statement })),
    );
    expect(reading).toEqual([
      {
        role: 'NotifyChannelRole',
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: expect.anything(),
      },
    ]);
    expect(JSON.stringify(reading[0].Resource)).toContain(':secret:launchway-prod/webhooks/lending-??????"');
    const environments = functions().map(([, { Properties }]) => JSON.stringify(Properties.Environment ?? {}));
    expect(environments.join()).not.toContain('webhooks/');
  });

  it('has an alarm on what it could not be told', () => {
    expect(Object.keys(pipeline.findResources('AWS::CloudWatch::Alarm')).join()).toContain('NoticesDeadLettersAlarm');
  });
});

it('A17: locks the heads of the audit chains for ten years, for everybody', () => {
  const heads = Object.entries<any>(storageTemplate.findResources('AWS::S3::Bucket')).find(([id]) =>
    /^Heads/.test(id),
  )!;
  expect(heads[1].Properties.ObjectLockConfiguration.Rule.DefaultRetention).toEqual({ Mode: 'COMPLIANCE', Days: 3650 });
});

describe('A4: link keys in their third generation, with the second still accepted', () => {
  const keysOf = () =>
    Object.entries<any>(storageTemplate.findResources('AWS::KMS::Key'))
      .filter(([id]) => /^(Link|Submission|Incident)Key/.test(id))
      .map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties.Enabled ?? true]);

  it('keep every key, under the name it always had, and disable the first', () => {
    expect(keysOf()).toEqual([
      ['LinkKey', false],
      ['LinkKey2', true],
      ['LinkKey3', true],
      ['SubmissionKey', false],
      ['SubmissionKey2', true],
      ['SubmissionKey3', true],
      ['IncidentKey', false],
      ['IncidentKey2', true],
      ['IncidentKey3', true],
    ]);
  });

  it('export the keys that another stack may still import', () => {
    const exported = JSON.stringify(storageTemplate.findOutputs('*'));
    for (const [id] of keysOf()) expect(exported).toContain(`FnGetAtt${id}`);
  });

  it('sign with the third and check with both, on the pages only', () => {
    for (const [, { Properties }] of functions()) {
      const { LINK_KEY_ARN, FORMER_LINK_KEY_ARN } = Properties.Environment?.Variables ?? {};
      if (LINK_KEY_ARN) expect(JSON.stringify(LINK_KEY_ARN)).toMatch(/FnGetAtt(Link|Submission|Incident)Key3/);
      const isPage = /-(decide-approval|follow-approval|act-on-incident)$/.test(Properties.FunctionName);
      expect(FORMER_LINK_KEY_ARN !== undefined).toBe(isPage);
      if (isPage) expect(JSON.stringify(FORMER_LINK_KEY_ARN)).toMatch(/FnGetAtt(Link|Submission|Incident)Key2/);
    }
    const signing = Object.values<any>(pipeline.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: string | string[] }) =>
        [Action].flat().includes('kms:GenerateMac'),
      ),
    );
    const keys = signing.map(({ Resource }) => /FnGetAtt(\w+?)[0-9A-F]{8}Arn/.exec(JSON.stringify(Resource))![1]);
    expect([...new Set(keys)].sort()).toEqual(['IncidentKey3', 'LinkKey3', 'SessionKey', 'SubmissionKey3']);
  });
});
