import { expect, it } from '@jest/globals';
import { principalNamed, uniqueIdOf } from '../../../local/principal-id.ts';
import { SmallCloud } from '../support/small-cloud.ts';

it('gives a role’s credentials to whom the role trusts', async () => {
  const small = await SmallCloud.start();
  const person = 'arn:aws:iam::000000000000:user/someone';
  const trust = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: person } }] };
  const { attributes } = await small.create('AWS::IAM::Role', {
    RoleName: 'break-glass',
    AssumeRolePolicyDocument: trust,
  });
  const closed = await small.role('closed', 'lambda.amazonaws.com', []);

  const { Credentials, AssumedRoleUser } = await small.call('sts', 'AssumeRole', {
    RoleArn: attributes.Arn,
    RoleSessionName: 'night',
  });
  expect(AssumedRoleUser).toEqual({
    Arn: 'arn:aws:sts::000000000000:assumed-role/break-glass/night',
    AssumedRoleId: 'AROAbreak-glass:night',
  });
  expect(Credentials.Expiration.getTime()).toBeGreaterThan(small.cloud.clock.now() + 3_500_000);
  const principal = small.cloud.iam.principalOf(Credentials.AccessKeyId);
  expect(await small.call('sts', 'GetCallerIdentity', {}, principal)).toEqual({
    UserId: 'AROAbreak-glass:night',
    Account: '000000000000',
    Arn: AssumedRoleUser.Arn,
  });

  await expect(small.call('sts', 'AssumeRole', { RoleArn: closed, RoleSessionName: 'night' })).rejects.toMatchObject({
    code: 'AccessDenied',
  });
  await expect(
    small.call('sts', 'AssumeRole', { RoleArn: attributes.Arn, RoleSessionName: 'a b' }),
  ).rejects.toMatchObject({
    code: 'ValidationError',
  });
  await small.stop();
});

it('writes ids that can be read back', () => {
  const user = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/alice' } as const;
  expect(principalNamed(`AWS:${uniqueIdOf(user)}`)).toEqual({ user: 'alice' });
  const roleArn = 'arn:aws:iam::000000000000:role/team/uploader';
  const role = { kind: 'role', roleArn, arn: 'arn:aws:sts::000000000000:assumed-role/uploader/run@1' } as const;
  expect(principalNamed(`AWS:${uniqueIdOf(role)}`)).toEqual({ role: 'uploader', session: 'run@1' });
});
