import { describe, expect, it } from '@jest/globals';
import { decide, type Question } from '../../../local/iam/decide.ts';
import { statementsOf } from '../../../local/iam/policy.ts';
import type { Principal } from '../../../local/service.ts';

const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/Approve`;
const role: Principal = { kind: 'role', roleArn, arn: `arn:aws:sts::${account}:assumed-role/Approve/session` };
const object = 'arn:aws:s3:::artifacts/team-a/model.tar.gz';

const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});
const policy = (...Statement: object[]) => statementsOf({ Version: '2012-10-17', Statement });
const everyone = { Principal: '*' };

const ask = (question: Partial<Question>) =>
  decide({
    principal: role,
    account,
    action: 's3:PutObject',
    resource: object,
    context: {},
    identity: [],
    ...question,
  });

describe('a decision by identity policies', () => {
  it('refuses by default', () => {
    expect(ask({})).toEqual({ allowed: false, explicit: false, by: 'identity-based policy' });
  });

  it.each([
    ['s3:PutObject', object],
    ['S3:putobject', object],
    ['s3:Put*', 'arn:aws:s3:::artifacts/team-?/*'],
    ['*', '*'],
    [
      ['s3:GetObject', 's3:PutObject'],
      ['arn:aws:s3:::other/*', 'arn:aws:s3:::artifacts/*'],
    ],
  ])('allows what %j on %j covers', (actions, resources) => {
    expect(ask({ identity: policy(allow(actions, resources)) }).allowed).toBe(true);
  });

  it.each([
    ['s3:GetObject', object],
    ['s3:PutObjectTagging', object],
    ['s3:PutObject', 'arn:aws:s3:::artifacts'],
    ['s3:PutObject', 'arn:aws:s3:::artifacts/team-b/*'],
    ['s3:PutObject', 'arn:aws:s3:eu-west-1::artifacts/*'],
  ])('refuses what %j on %j does not cover', (action, resource) => {
    expect(ask({ identity: policy(allow(action, resource)) }).allowed).toBe(false);
  });

  it('lets an explicit deny win over every allow', () => {
    const identity = policy(allow('*'), deny('s3:*', 'arn:aws:s3:::artifacts/*', { Sid: 'Sealed' }));
    const decision = ask({ identity, resourcePolicy: policy(allow('s3:*', '*', everyone)) });
    expect(decision).toMatchObject({ allowed: false, explicit: true, by: 'identity-based policy' });
    expect(decision.statement?.sid).toBe('Sealed');
  });

  it('reads NotAction as every action but these', () => {
    const identity = policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    expect(ask({ identity }).allowed).toBe(true);
    expect(ask({ identity, action: 'iam:PassRole' }).allowed).toBe(false);
  });

  it('reads NotResource as every resource but these', () => {
    const identity = policy({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::artifacts/*' });
    expect(ask({ identity }).allowed).toBe(false);
    expect(ask({ identity, resource: 'arn:aws:s3:::intake/x' }).allowed).toBe(true);
  });

  it('allows an action without resource type by Resource * alone', () => {
    const listing = { action: 's3:ListAllMyBuckets', resource: '*' };
    expect(ask({ ...listing, identity: policy(allow('s3:*')) }).allowed).toBe(true);
    expect(ask({ ...listing, identity: policy(allow('s3:*', 'arn:aws:s3:::artifacts')) }).allowed).toBe(false);
  });

  it('fills policy variables from the request, and matches nothing without a value', () => {
    const identity = policy(allow('s3:*', `arn:aws:s3:::artifacts/\${aws:PrincipalTag/team}/*`));
    expect(ask({ identity, context: { 'aws:PrincipalTag/team': 'team-a' } }).allowed).toBe(true);
    expect(ask({ identity, context: { 'aws:PrincipalTag/team': 'team-b' } }).allowed).toBe(false);
    expect(ask({ identity, context: { 'aws:PrincipalTag/team': '*' } }).allowed).toBe(false);
    expect(ask({ identity }).allowed).toBe(false);
  });
});

describe('a decision with a permissions boundary', () => {
  it('allows only what policy and boundary both allow', () => {
    const identity = policy(allow('s3:*'));
    expect(ask({ identity, boundary: policy(allow('s3:PutObject')) }).allowed).toBe(true);
    expect(ask({ identity, boundary: policy(allow('s3:GetObject')) })).toMatchObject({ by: 'permissions boundary' });
    expect(ask({ boundary: policy(allow('*')) })).toMatchObject({ allowed: false, by: 'identity-based policy' });
  });

  it('limits a resource policy that names the role, not one that names the session', () => {
    const boundary = policy(allow('s3:GetObject'));
    const naming = (AWS: string) => policy(allow('s3:*', '*', { Principal: { AWS } }));
    expect(ask({ boundary, resourcePolicy: naming(roleArn) }).allowed).toBe(false);
    expect(ask({ boundary, resourcePolicy: naming(role.arn) }).allowed).toBe(true);
  });
});

describe('a decision by resource policies', () => {
  it('lets a policy that names the role allow by itself', () => {
    const resourcePolicy = policy(allow('s3:PutObject', object, { Principal: { AWS: [roleArn] } }));
    expect(ask({ resourcePolicy })).toMatchObject({ allowed: true, by: 'resource-based policy' });
  });

  it('hands over to identity policies where the policy names the account', () => {
    const resourcePolicy = policy(allow('s3:*', '*', { Principal: { AWS: `arn:aws:iam::${account}:root` } }));
    expect(ask({ resourcePolicy }).allowed).toBe(false);
    expect(ask({ resourcePolicy, identity: policy(allow('s3:PutObject')) }).allowed).toBe(true);
  });

  it('denies a person too', () => {
    const resourcePolicy = policy(deny('s3:DeleteObject', '*', everyone));
    const user: Principal = { kind: 'user', arn: `arn:aws:iam::${account}:user/ada` };
    const question = { principal: user, identity: policy(allow('*')), resourcePolicy };
    expect(ask({ ...question, action: 's3:DeleteObject' })).toMatchObject({
      explicit: true,
      by: 'resource-based policy',
    });
    expect(ask(question).allowed).toBe(true);
  });

  it('gives a service principal what the policy gives it, for the source it names, and nothing else', () => {
    const queue = 'arn:aws:sqs:eu-west-1:000000000000:intake';
    const principal: Principal = { kind: 'service', arn: 's3.amazonaws.com' };
    const resourcePolicy = policy(
      allow('sqs:SendMessage', queue, {
        Principal: { Service: 's3.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::intake' } },
      }),
    );
    const send = { principal, resourcePolicy, action: 'sqs:SendMessage', resource: queue };
    expect(ask({ ...send, context: { 'aws:SourceArn': 'arn:aws:s3:::intake' } }).allowed).toBe(true);
    expect(ask({ ...send, context: { 'aws:SourceArn': 'arn:aws:s3:::other' } }).allowed).toBe(false);
    expect(ask({ ...send, principal: { kind: 'service', arn: 'sns.amazonaws.com' } }).allowed).toBe(false);
    expect(ask({ ...send, resourcePolicy: undefined, identity: policy(allow('*')) }).allowed).toBe(false);
  });
});

describe('a decision on a key', () => {
  const key = {
    action: 'kms:Decrypt',
    resource: `arn:aws:kms:eu-west-1:${account}:key/1`,
    resourceDecides: true,
    identity: policy(allow('kms:*')),
  };

  it('refuses what the key policy does not mention, whatever the role may do', () => {
    expect(ask({ ...key, resourcePolicy: [] })).toMatchObject({ allowed: false, by: 'resource-based policy' });
  });

  it('follows the role where the key policy hands over to the account', () => {
    const resourcePolicy = policy(allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${account}:root` } }));
    expect(ask({ ...key, resourcePolicy }).allowed).toBe(true);
    expect(ask({ ...key, resourcePolicy, identity: [] }).allowed).toBe(false);
  });
});

describe('a policy document', () => {
  it.each([
    ['an effect that does not exist', { Effect: 'allow', Action: '*', Resource: '*' }, /Effect/],
    ['no action', { Effect: 'Allow', Resource: '*' }, /Action/],
    ['an unknown element', { Effect: 'Allow', Action: '*', Resources: '*' }, /Resources/],
    ['NotPrincipal', { Effect: 'Deny', Action: '*', Resource: '*', NotPrincipal: '*' }, /NotImplemented/],
  ])('with %s is refused', (_, statement, message) => {
    expect(() => statementsOf({ Statement: [statement] })).toThrow(message);
  });
});
