import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { synthesizeOnce } from '../support/synthesize-once.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
interface Resource {
  readonly Type: string;
  readonly Properties: any;
}

/** Role → its statements, as the synthesized app has them. */
let roles: Map<string, Statement[]>;

beforeAll(async () => {
  const text = readFileSync(join(await synthesizeOnce(), 'Pipeline.template.json'), 'utf8');
  const resources: [string, Resource][] = Object.entries(JSON.parse(text).Resources);
  const named = (id: string) => id.replace(/(Role)?(ServiceRole)?[0-9A-F]{8}$/, '');
  roles = new Map(resources.filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id]) => [named(id), []]));
  for (const [, { Properties }] of resources.filter(([, { Type }]) => Type === 'AWS::IAM::Policy')) {
    for (const { Ref } of Properties.Roles) roles.get(named(Ref))!.push(...Properties.PolicyDocument.Statement);
  }
}, 120_000);

/** Who may, by action; a resource's part narrows it. */
const whoMay = (action: RegExp, on = /./): string[] =>
  [...roles]
    .filter(([, statements]) =>
      statements.some(
        ({ Action, Resource }) =>
          [Action].flat().some((one) => action.test(one as string)) && on.test(JSON.stringify(Resource)),
      ),
    )
    .map(([role]) => role)
    .sort();

/** Buckets and keys that a role's action is for. */
const reaches = (role: string, action: string) =>
  roles
    .get(role)!
    .filter(({ Action }) => [Action].flat().includes(action))
    .map(({ Resource }) =>
      JSON.stringify(Resource).replaceAll(/.*-(artifacts|captures|approved|intake)-.*?:?\/(.*?)".*/g, '$1 $2'),
    );

const overlap = (one: readonly string[], other: readonly string[]) => one.filter((role) => other.includes(role));

describe('A1, A21: who may do what with an approval', () => {
  it('is this and nothing else', () => {
    expect({
      'answer a waiting task': whoMay(/^states:SendTask/, /-approve-model"/),
      'answer a task that waits for instances': whoMay(/^states:SendTask/, /-train-model"/),
      'read a history that holds a task token': whoMay(/^states:GetExecutionHistory/),
      'open a sealed task token': whoMay(/^kms:Decrypt/, /TokenKey/),
      'seal a task token': whoMay(/^kms:Encrypt/, /TokenKey/),
      'sign an approval link': whoMay(/^kms:GenerateMac/, /LinkKey/),
      'check an approval link': whoMay(/^kms:VerifyMac/, /LinkKey/),
      'create or update an endpoint': whoMay(/^sagemaker:(Create|Update)Endpoint$/),
      'delete an endpoint': whoMay(/^sagemaker:DeleteEndpoint$/),
      'keep the head of a chain': whoMay(/^s3:PutObject/, /-heads-/),
      'invoke the routes of people': whoMay(/^execute-api:/),
    }).toEqual({
      'answer a waiting task': ['ApproveModelDeliverDecision'],
      'answer a task that waits for instances': ['SlotsAssignSlots'],
      'read a history that holds a task token': [],
      'open a sealed task token': ['ApproveModelDeliverDecision'],
      'seal a task token': ['ApproveModelRequestApproval'],
      'sign an approval link': [
        'ActByCommand',
        'ApproveModelDecideApproval',
        'ApproveModelRequestApproval',
        'RecordBounce',
        'RemindApprovers',
      ],
      'check an approval link': ['ApproveModelDecideApproval'],
      'create or update an endpoint': ['DeployModelServeVersion'],
      'delete an endpoint': ['DeployModelServeVersion', 'DeployModelWorkflow'],
      'keep the head of a chain': ['AnchorChains'],
      'invoke the routes of people': [],
    });
  });

  it('who answers tasks touches nothing of SageMaker, and who deploys answers none', () => {
    const answering = whoMay(/^states:SendTask/);
    expect(overlap(answering, whoMay(/^sagemaker:/))).toEqual([]);
    expect(overlap(answering, whoMay(/^iam:PassRole/))).toEqual([]);
  });

  it('who writes votes can neither open a task token nor answer with it, nor start a deployment', () => {
    const voting = [...roles]
      .filter(([, statements]) =>
        statements.some(
          ({ Action, Condition }) =>
            Action.includes('dynamodb:PutItem') && JSON.stringify(Condition ?? {}).includes('APPROVAL#*'),
        ),
      )
      .map(([role]) => role);
    expect(voting).toContain('DecideByCommand');
    expect(overlap(voting, whoMay(/^(states:(SendTask|StartExecution)|kms:Decrypt|sagemaker:|iam:)/))).toEqual([]);
  });

  it('no role may do everything of a service, or change permissions', () => {
    expect(whoMay(/^\*|:\*$/)).toEqual([]);
    expect(whoMay(/^(iam:(?!PassRole)|kms:(Put|Create|Schedule|Disable)|sts:)/)).toEqual([]);
  });
});

it('who reports what is left over looks and tells: it deletes, starts and announces nothing', () => {
  const actions = roles.get('ReportLeftovers')!.flatMap(({ Action }) => [Action].flat());
  expect(actions.filter((action) => !/:(Get|List|Describe|Query)/.test(action)).sort()).toEqual([
    'dynamodb:PutItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'ses:SendEmail',
  ]);
});

describe('who builds images', () => {
  it.each(['operations', 'lending'])('for %s reaches its sources, its repository and its log', (team) => {
    const role = [...roles.keys()].find((name) => name.startsWith(`BuildImage${team}`))!;
    const other = team === 'lending' ? 'operations' : 'lending';
    const reached = Object.fromEntries(
      roles.get(role)!.flatMap(({ Action, Resource }) => [Action].flat().map((one) => [one, JSON.stringify(Resource)])),
    );
    expect(Object.keys(reached).sort()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:GetAuthorizationToken',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetBucketAcl',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
    ]);
    expect(reached['s3:GetObject']).toMatch(new RegExp(`images/${team}/\\*`));
    expect(reached['ecr:PutImage']).toMatch(new RegExp(`Images${team}`));
    expect(JSON.stringify(reached)).not.toMatch(new RegExp(other));
  });

  it('is the only one that pushes', () => {
    expect(whoMay(/^ecr:(Put|Upload|Initiate|Complete|Delete)/)).toEqual(['BuildImagelending', 'BuildImageoperations']);
  });
});

describe('who uploads captured rows', () => {
  const role = 'MonitorModelFunctionsGovernRetraining';

  it('is the governor of retraining alone, under names that are for nothing else, and it deletes nothing', () => {
    expect(whoMay(/^s3:PutObject$/, /-intake-/)).toEqual([role]);
    expect(reaches(role, 's3:PutObject')).toEqual(['intake models/*/data/captured/*']);
    expect(reaches(role, 's3:GetObject').sort()).toEqual([
      'approved *',
      'captures *',
      'intake models/*/data/captured/*',
      'intake models/*/labels/*',
    ]);
    expect(overlap([role], whoMay(/^s3:(Delete|Put(?!Object$))|^(sagemaker|iam|kms):|^states:SendTask/))).toEqual([]);
  });
});

describe('who holds versions against each other', () => {
  it('writes rows and reports of measurements only, and touches no endpoint', () => {
    const names = [
      'MeasureStaleness',
      'MeasureStalenessFunctionsPlanStaleness',
      'MeasureStalenessFunctionsEvaluateStaleness',
    ];
    for (const name of names) expect(roles.has(name)).toBe(true);
    for (const may of [/^sagemaker:(Create|Update|Delete|Invoke)Endpoint/, /^states:/])
      expect(overlap(names, whoMay(may))).toEqual([]);
    expect(reaches(names[1]!, 's3:PutObject')).toEqual(['captures */staleness/*']);
    expect(reaches(names[2]!, 's3:PutObject')).toEqual(['artifacts */staleness/*']);
    expect(reaches(names[1]!, 'dynamodb:PutItem')).toEqual([]);
  });

  it('is started by who admits requests and who measures quality', () => {
    expect(whoMay(/^states:StartExecution/, /measure-staleness/)).toEqual([
      'MonitorModelFunctionsMeasureQuality',
      'ReleaseModelAdmitUpload',
    ]);
  });

  it('gives a team’s transforms the rows that they are to answer, and no other capture', () => {
    const role = 'ContainerRolesoperationstransform';
    expect(reaches(role, 's3:GetObject').filter((one) => one.startsWith('captures'))).toEqual([
      'captures operations/*/staleness/*',
    ]);
  });
});
