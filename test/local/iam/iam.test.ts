import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../local/cloud.ts';
import { createIamService } from '../../../local/iam/service.ts';

let directory: string;
let cloud: LocalCloud;
let lines: string[];

const open = () => {
  lines = [];
  cloud = new LocalCloud({ stateDir: directory, report: (line) => lines.push(line) });
  cloud.register(createIamService(cloud));
};
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iam-'));
  open();
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const handler = (type: string) => cloud.services[0]!.resources![type]!;
const create = (type: string, logicalId: string, properties: object) =>
  handler(type).create({ stackName: 'App', logicalId, type, properties });
const trust = (Condition?: object) => ({
  Statement: [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'lambda.amazonaws.com' },
      ...(Condition && { Condition }),
    },
  ],
});
const allow = (Action: string, Resource: string) => ({ Statement: [{ Effect: 'Allow', Action, Resource }] });

describe('a role of a template', () => {
  it('gets a name, an ARN and an id', async () => {
    const role = await create('AWS::IAM::Role', 'ApproveRole', { AssumeRolePolicyDocument: trust(), Path: '/team/' });
    expect(role.ref).toMatch(/^App-ApproveRole-[0-9A-F]{12}$/);
    expect(role.attributes).toEqual({
      Arn: `arn:aws:iam::000000000000:role/team/${role.ref}`,
      RoleId: `AROA${role.ref}`,
    });
  });

  it('may do what its inline, attached and managed policies allow, after a restart too', async () => {
    const managed = await create('AWS::IAM::ManagedPolicy', 'Managed', {
      PolicyDocument: allow('sqs:SendMessage', '*'),
    });
    const role = await create('AWS::IAM::Role', 'Role', {
      RoleName: 'worker',
      AssumeRolePolicyDocument: trust(),
      Policies: [{ PolicyName: 'inline', PolicyDocument: allow('s3:GetObject', '*') }],
      ManagedPolicyArns: [managed.ref],
    });
    await create('AWS::IAM::Policy', 'Policy', {
      PolicyName: 'Policy',
      PolicyDocument: allow('dynamodb:GetItem', '*'),
      Roles: ['worker'],
    });
    await cloud.stop();
    open();
    const principal = await cloud.assume(role.attributes.Arn!, 'session', 'lambda.amazonaws.com');
    for (const action of ['s3:GetObject', 'dynamodb:GetItem', 'sqs:SendMessage']) {
      cloud.iam.authorize(principal, { action, resource: 'arn:aws:x:::y' });
    }
    expect(() => cloud.iam.authorize(principal, { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k' })).toThrow(
      'User: arn:aws:sts::000000000000:assumed-role/worker/session is not authorized to perform: s3:PutObject on resource: ' +
        'arn:aws:s3:::b/k because no identity-based policy allows the s3:PutObject action',
    );
    expect(lines).toEqual([
      'denied: role worker may not s3:PutObject on arn:aws:s3:::b/k; add to its policy: ' +
        '{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/k"}',
    ]);
  });

  it('loses a policy that the template no longer has', async () => {
    const role = await create('AWS::IAM::Role', 'Role', { RoleName: 'worker', AssumeRolePolicyDocument: trust() });
    const properties = { PolicyName: 'P', PolicyDocument: allow('s3:*', '*'), Roles: ['worker'] };
    const policy = await create('AWS::IAM::Policy', 'Policy', properties);
    const principal = await cloud.assume(role.attributes.Arn!, 's', 'lambda.amazonaws.com');
    cloud.iam.authorize(principal, { action: 's3:GetObject', resource: '*' });
    await handler('AWS::IAM::Policy').delete(
      { stackName: 'App', logicalId: 'Policy', type: 'AWS::IAM::Policy', properties },
      policy,
    );
    expect(() => cloud.iam.authorize(principal, { action: 's3:GetObject', resource: '*' })).toThrow('not authorized');
  });

  it('with a policy of AWS itself is refused loudly', async () => {
    const ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
    await expect(
      create('AWS::IAM::Role', 'Role', { AssumeRolePolicyDocument: trust(), ManagedPolicyArns }),
    ).rejects.toThrow('NotImplemented: iam:ManagedPolicy arn:aws:iam::aws:policy/AdministratorAccess');
  });
});

describe('taking on a role', () => {
  const source = 'arn:aws:lambda:eu-west-1:000000000000:function:f';

  it('needs a trust policy that names the service', async () => {
    const role = await create('AWS::IAM::Role', 'Role', { RoleName: 'r', AssumeRolePolicyDocument: trust() });
    await expect(cloud.assume(role.attributes.Arn!, 's', 'states.amazonaws.com')).rejects.toThrow(
      'User: states.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/r',
    );
    await expect(cloud.assume('arn:aws:iam::000000000000:role/none', 's', 'lambda.amazonaws.com')).rejects.toThrow();
  });

  it('obeys conditions on source account and source ARN', async () => {
    const role = await create('AWS::IAM::Role', 'Role', {
      AssumeRolePolicyDocument: trust({
        StringEquals: { 'aws:SourceAccount': '000000000000' },
        ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*:*:function:*' },
      }),
    });
    const arn = role.attributes.Arn!;
    expect(await cloud.assume(arn, 's', 'lambda.amazonaws.com', source)).toMatchObject({ kind: 'role', roleArn: arn });
    await expect(cloud.assume(arn, 's', 'lambda.amazonaws.com')).rejects.toThrow('not authorized');
  });

  it('gives credentials that name the session, after a restart too', async () => {
    const role = await create('AWS::IAM::Role', 'Role', { AssumeRolePolicyDocument: trust() });
    const principal = await cloud.assume(role.attributes.Arn!, 's', 'lambda.amazonaws.com');
    const credentials = cloud.credentialsFor(principal);
    expect(cloud.credentialsFor(principal)).toEqual(credentials);
    await cloud.stop();
    open();
    expect(cloud.iam.principalOf(credentials.accessKeyId)).toEqual(principal);
  });
});

describe('an access key', () => {
  it('that no session has is a person of that name', () => {
    expect(cloud.iam.principalOf('ada')).toEqual({ kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' });
  });

  it('that looks like a session but is none is refused', () => {
    expect(() => cloud.iam.principalOf('ASIAAAAAAAAAAAAAAAAA')).toThrow('security token');
  });
});

describe('the usage report', () => {
  it('shows what each role may do and what it did', async () => {
    const role = await create('AWS::IAM::Role', 'Role', {
      RoleName: 'worker',
      AssumeRolePolicyDocument: trust(),
      Policies: [{ PolicyName: 'inline', PolicyDocument: allow('sqs:Send*', 'arn:aws:sqs:eu-west-1:000000000000:q') }],
    });
    const principal = await cloud.assume(role.attributes.Arn!, 's', 'lambda.amazonaws.com');
    const resource = 'arn:aws:sqs:eu-west-1:000000000000:q';
    cloud.iam.authorize(principal, { action: 'sqs:SendMessage', resource });
    expect(await cloud.iam.usage()).toEqual([
      {
        role: 'worker',
        arn: role.attributes.Arn,
        permissions: [{ action: 'sqs:SendMessage', granted: [resource], used: true, resources: [resource] }],
      },
    ]);
  });
});
