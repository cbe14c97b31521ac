import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../../launchway.config.ts';
import { PipelineStack } from '../../lib/pipeline-stack.ts';
import { StorageStack } from '../../lib/storage-stack.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: any;
}

let directory: string;
let storage: Template;
let pipeline: Template;
let findings: string[];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'launchway-stacks-'));
  const app = new App({
    outdir: join(directory, 'cdk.out'),
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  const storageStack = new StorageStack(app, 'Storage', { config });
  const pipelineStack = new PipelineStack(app, 'Pipeline', {
    config,
    storage: storageStack,
    bundleDirectory: join(directory, 'handlers'),
  });
  app.synth();
  storage = Template.fromStack(storageStack);
  pipeline = Template.fromStack(pipelineStack);
  const report = JSON.parse(readFileSync(join(directory, 'cdk.out', 'validation-report.json'), 'utf8'));
  findings = JSON.stringify(report).match(/AwsSolutions-[A-Z0-9]+/g) ?? [];
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const resources = (template: Template, type: string): [string, any][] => Object.entries(template.findResources(type));

/** Role logical id → its statements, inline policies merged in. */
function statementsByRole(): Map<string, Statement[]> {
  const byRole = new Map<string, Statement[]>();
  for (const [, policy] of resources(pipeline, 'AWS::IAM::Policy')) {
    for (const role of policy.Properties.Roles as { Ref: string }[]) {
      byRole.set(role.Ref, [...(byRole.get(role.Ref) ?? []), ...policy.Properties.PolicyDocument.Statement]);
    }
  }
  return byRole;
}

/** Alarms, and the headings of the runbook. */
const alarmsOf = (template: Template) =>
  resources(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
    id,
    entry: /\(runbook: ([^)]+)\)/.exec(Properties.AlarmDescription)?.[1],
    actions: Properties.AlarmActions as unknown[],
  }));
const runbookEntries = () =>
  [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!.toLowerCase());

const actionsOf = (statement: Statement): string[] => [statement.Action].flat();
const rolesThatMay = (pattern: RegExp): string[] =>
  [...statementsByRole()]
    .filter(([, statements]) =>
      statements.some((statement) => actionsOf(statement).some((action) => pattern.test(action))),
    )
    .map(([role]) => role.replace(/[0-9A-F]{8}$/, ''));

describe('the synthesized stacks', () => {
  it('leave no cdk-nag finding unacknowledged', () => {
    expect(findings).toEqual([]);
  });

  it('F2: leave dead letters behind every queue, rule and schedule, with an alarm', () => {
    const queues = resources(pipeline, 'AWS::SQS::Queue');
    const arnIn = (value: unknown) => JSON.stringify(value ?? null);
    const behind = queues.map(([, { Properties }]) => arnIn(Properties.RedrivePolicy)).join();
    const targets = [
      ...resources(pipeline, 'AWS::Events::Rule').flatMap(([, { Properties }]) => Properties.Targets),
      ...resources(pipeline, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties.Target),
    ];
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter(({ DeadLetterConfig }) => !DeadLetterConfig)).toEqual([]);
    const alarms = resources(pipeline, 'AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => arnIn(Properties.Dimensions))
      .join();
    for (const [id, { Properties }] of queues) {
      const isLast = behind.includes(`"${id}"`) || !Properties.RedrivePolicy;
      expect([id, isLast ? alarms.includes(`"${id}"`) : true]).toEqual([id, true]);
    }
  });

  it('hold no custom resource and no metadata', () => {
    for (const template of [storage, pipeline]) {
      const types = Object.values<any>(template.toJSON().Resources).map(({ Type }) => Type);
      expect(
        types.filter(
          (type: string) =>
            type.startsWith('Custom::') ||
            type === 'AWS::CDK::Metadata' ||
            type === 'AWS::CloudFormation::CustomResource',
        ),
      ).toEqual([]);
    }
  });

  it('keep buckets private, encrypted and TLS-only', () => {
    const buckets = resources(storage, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(5);
    for (const [id, bucket] of buckets) {
      expect(bucket.Properties).toMatchObject({
        BucketEncryption: expect.anything(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      const [, policy] = resources(storage, 'AWS::S3::BucketPolicy').find(
        ([, { Properties }]) => Properties.Bucket.Ref === id,
      )!;
      expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
    }
  });

  it.each(['ApprovedBucket', 'HeadsBucket'])('let nobody replace or delete what is in %s', (bucket) => {
    const [, policy] = resources(storage, 'AWS::S3::BucketPolicy').find(([id]) => id.startsWith(bucket))!;
    expect(policy.Properties.PolicyDocument.Statement).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Sid: 'OnlyNewKeys', Effect: 'Deny', Action: 's3:PutObject' }),
        expect.objectContaining({ Sid: 'NothingIsDeleted', Effect: 'Deny' }),
      ]),
    );
  });

  it('A17: lock the heads of the audit chains, where a deployment can still be taken down', () => {
    const [, heads] = resources(storage, 'AWS::S3::Bucket').find(([id]) => id.startsWith('HeadsBucket'))!;
    expect(heads.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } },
    });
  });

  it('keep the table recoverable and protected', () => {
    storage.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [
        { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ],
    });
  });

  it('log every execution without its data, which holds task tokens', () => {
    for (const [, machine] of resources(pipeline, 'AWS::StepFunctions::StateMachine')) {
      expect(machine.Properties.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    }
  });

  it('tell operators by every alarm, and each names an entry of the runbook', () => {
    const alarms = [...alarmsOf(storage), ...alarmsOf(pipeline)];
    expect(alarms.length).toBeGreaterThanOrEqual(9);
    for (const { id, entry, actions } of alarms) {
      expect([id, runbookEntries()]).toEqual([id, expect.arrayContaining([entry])]);
      expect(actions).toHaveLength(1);
    }
  });

  it('tell other systems as Launchway only', () => {
    const may = [...statementsByRole().values()].flat().filter((one) => actionsOf(one).includes('events:PutEvents'));
    expect(may).toHaveLength(4);
    for (const { Condition } of may) expect(Condition.StringEquals).toEqual({ 'events:source': 'launchway' });
  });

  it('log access to the approval pages without query strings, which hold links', () => {
    const [[, stage]] = resources(pipeline, 'AWS::ApiGatewayV2::Stage') as [[string, any]];
    expect(stage.Properties.AccessLogSettings.Format).not.toMatch(/query|requestOverride|routeKey.*\?/i);
  });
});

it('sends mail without the tracking that would rewrite links', () => {
  pipeline.hasResourceProperties('AWS::SES::EmailIdentity', {
    ConfigurationSetAttributes: { ConfigurationSetName: 'launchway-local-mail' },
  });
  pipeline.hasResourceProperties('AWS::SES::ConfigurationSet', {
    Name: 'launchway-local-mail',
    VdmOptions: { DashboardOptions: { EngagementMetrics: 'DISABLED' } },
  });
  const events = resources(pipeline, 'AWS::SES::ConfigurationSetEventDestination').flatMap(
    ([, { Properties }]) => Properties.EventDestination.MatchingEventTypes,
  );
  expect(events).toEqual(['BOUNCE', 'COMPLAINT', 'REJECT']);
});

describe('roles', () => {
  it('trust a service only on behalf of this account', () => {
    for (const [, role] of resources(pipeline, 'AWS::IAM::Role')) {
      for (const { Condition } of role.Properties.AssumeRolePolicyDocument.Statement) {
        expect(Condition.StringEquals['aws:SourceAccount']).toEqual({ Ref: 'AWS::AccountId' });
      }
    }
  });

  it('pass only named roles, each to one service', () => {
    const passing = [...statementsByRole().values()]
      .flat()
      .filter((statement) => actionsOf(statement).includes('iam:PassRole'));
    expect(passing.length).toBeGreaterThan(0);
    for (const statement of passing) {
      expect(JSON.stringify(statement.Resource)).not.toContain('*');
      expect(statement.Condition.StringEquals['iam:PassedToService']).toMatch(
        /^(sagemaker|scheduler)\.amazonaws\.com$/,
      );
    }
  });

  it('grant no action by wildcard', () => {
    const wild = [...statementsByRole()].flatMap(([role, statements]) =>
      statements
        .flatMap(actionsOf)
        .filter((action) => action.includes('*'))
        .map((action) => `${role} ${action}`),
    );
    expect(wild).toEqual([]);
  });

  it('only the function that answers tasks may, and it touches nothing of SageMaker', () => {
    // One for approvals, one for instances that are free, each for its own workflow.
    const answering = rolesThatMay(/^states:SendTask/);
    expect(answering).toEqual(['ApproveModelDeliverDecisionRole', 'SlotsAssignSlotsRole']);
    for (const [role, statements] of statementsByRole()) {
      if (!answering.some((name) => role.startsWith(name))) continue;
      expect(statements.flatMap(actionsOf).filter((action) => action.startsWith('sagemaker:'))).toEqual([]);
      const { Resource } = statements.find((statement) => actionsOf(statement).includes('states:SendTaskSuccess'))!;
      expect(JSON.stringify(Resource)).toMatch(role.startsWith('Slots') ? /-train-model"/ : /-approve-model"/);
    }
  });

  it('only serve-version creates and updates endpoints', () => {
    expect(rolesThatMay(/^sagemaker:(Create|Update)Endpoint$/)).toEqual(['DeployModelServeVersionRole']);
  });

  it('rows are deleted only from the outbox, from the reminders, from the slots, and from the events that other systems are owed', () => {
    expect(rolesThatMay(/^dynamodb:(DeleteItem|BatchWriteItem)$/)).toEqual([
      'ApproveModelDeliverDecisionRole',
      'MonitorModelFunctionsCheckDriftRole',
      'MonitorModelFunctionsMeasureQualityRole',
      'ActOnIncidentRole',
      'SlotsAssignSlotsRole',
      'SweepIntentsRole',
      'RemindApproversRole',
      'WatchModelsRole',
    ]);
    const deleting = [...statementsByRole().values()]
      .flat()
      .filter((statement) => actionsOf(statement).includes('dynamodb:DeleteItem'));
    for (const { Condition } of deleting)
      expect([['OUTBOX'], ['REMINDERS'], ['SLOTS'], ['EVENTS']]).toContainEqual(
        Condition['ForAllValues:StringEquals']['dynamodb:LeadingKeys'],
      );
  });

  it('approval requests and votes are written only by those who ask and decide', () => {
    const writers = [...statementsByRole()].filter(([, statements]) =>
      statements.some((statement) => {
        const { Condition } = statement;
        const limit = Condition?.['ForAllValues:StringLike'] ?? Condition?.['ForAllValues:StringEquals'];
        const keys = limit?.['dynamodb:LeadingKeys'];
        return actionsOf(statement).includes('dynamodb:PutItem') && (keys === undefined || keys.includes('APPROVAL#*'));
      }),
    );
    expect(writers.map(([role]) => role.replace(/Role.*$/, '')).sort()).toEqual([
      'ActByCommand',
      'ApproveModelDecideApproval',
      'ApproveModelExpireApproval',
      'ApproveModelRequestApproval',
      'DecideByCommand',
      'RecordBounce',
      'RemindApprovers',
      'WithdrawApprovalFunction',
    ]);
  });

  it('A17: one role writes heads of chains, and it cannot write a chain', () => {
    const writing = (part: string) =>
      [...statementsByRole()].filter(([, statements]) =>
        statements.some(
          (statement) =>
            actionsOf(statement).includes('s3:PutObject') && JSON.stringify(statement.Resource).includes(part),
        ),
      );
    const writers = writing('-heads-');
    expect(writers.map(([role]) => role.replace(/[0-9A-F]{8}$/, ''))).toEqual(['AnchorChainsRole']);
    const keys = writers[0]![1]
      .filter((statement) => actionsOf(statement).includes('dynamodb:PutItem'))
      .map(({ Condition }) => Condition['ForAllValues:StringEquals']['dynamodb:LeadingKeys']);
    expect(keys).toEqual([['ANCHORS']]);
  });

  it('training cannot write where sealed bytes lie', () => {
    const writers = [...statementsByRole()].filter(([, statements]) =>
      statements.some(
        (statement) =>
          actionsOf(statement).includes('s3:PutObject') && JSON.stringify(statement.Resource).includes('-approved-'),
      ),
    );
    expect(writers.map(([role]) => role).filter((role) => role.startsWith('ContainerRoles'))).toEqual([]);
  });

  it("a team's containers reach no other team's prefix", () => {
    for (const [role, statements] of statementsByRole()) {
      const [, team] = /^ContainerRoles(operations|lending)/.exec(role) ?? [];
      if (!team) continue;
      const objects = statements.filter((statement) =>
        actionsOf(statement).some((action) => /^s3:(Get|Put)Object$/.test(action)),
      );
      for (const { Resource } of objects) expect(JSON.stringify(Resource)).toContain(`/${team}/`);
    }
  });

  it('create training jobs and models only without network, on instances that a team may use', () => {
    const creating = (actions: RegExp) =>
      [...statementsByRole().values()]
        .flat()
        .filter((statement) => actionsOf(statement).some((one) => actions.test(one)));
    const isolated = creating(/^sagemaker:Create(TrainingJob|HyperParameterTuningJob|Model)$/);
    expect(isolated).toHaveLength(4);
    for (const { Condition } of isolated) expect(Condition.Bool['sagemaker:NetworkIsolation']).toBe('true');
    const sized = creating(/^sagemaker:Create(TrainingJob|HyperParameterTuningJob|TransformJob|EndpointConfig)$/);
    expect(sized).toHaveLength(4);
    for (const { Condition } of sized) {
      expect(Condition['ForAllValues:StringEquals']).toEqual({
        'sagemaker:InstanceTypes': ['ml.m5.large', 'ml.m6i.large'],
      });
      // ForAllValues alone holds for a request that names none.
      expect(Condition.Null).toEqual({ 'sagemaker:InstanceTypes': 'false' });
    }
  });
});

it('no environment variable holds a secret', () => {
  for (const [, fn] of resources(pipeline, 'AWS::Lambda::Function')) {
    const names = Object.keys(fn.Properties.Environment?.Variables ?? {});
    expect(names.filter((name) => /SECRET|PASSWORD|TOKEN(?!_KEY_ARN)/.test(name))).toEqual([]);
  }
});
