import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let client: SecretsManagerClient;

beforeEach(async () => {
  small = await SmallCloud.start();
  client = new SecretsManagerClient(small.client);
});
afterEach(() => small.stop());

const create = (Name = 'app/webhook', SecretString = 'one') =>
  client.send(new CreateSecretCommand({ Name, SecretString }));

describe('a secret', () => {
  it('is read by name, ARN and partial ARN, and changed', async () => {
    const { ARN } = await create();
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:app\/webhook-\w{6}$/);
    for (const SecretId of ['app/webhook', ARN!, ARN!.slice(0, -7)]) {
      expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
        ARN,
        Name: 'app/webhook',
        SecretString: 'one',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: expect.any(Date),
      });
    }
    await client.send(new PutSecretValueCommand({ SecretId: 'app/webhook', SecretString: 'two' }));
    expect(await client.send(new GetSecretValueCommand({ SecretId: 'app/webhook' }))).toMatchObject({
      SecretString: 'two',
    });
  });

  it('is not made twice, and not found where there is none', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('cannot be read while it waits for its deletion, and is gone after', async () => {
    await create();
    await client.send(new DeleteSecretCommand({ SecretId: 'app/webhook', RecoveryWindowInDays: 7 }));
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'app/webhook' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    expect(await client.send(new DescribeSecretCommand({ SecretId: 'app/webhook' }))).toMatchObject({
      DeletedDate: expect.any(Date),
    });
    await small.cloud.clock.advance(7 * 86_400_000);
    await create('app/webhook', 'three');
  });

  it('is read by a role whose policy names it, with the six characters that follow a name', async () => {
    await create();
    await create('app/other', 'x');
    const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:000000000000:secret:${name}-??????`;
    const role = await small.role('reader', 'lambda.amazonaws.com', [
      ['secretsmanager:GetSecretValue', arn('app/webhook')],
    ]);
    const principal = await small.cloud.assume(role, 'test', 'lambda.amazonaws.com');
    const read = (SecretId: string) => small.call('secretsmanager', 'GetSecretValue', { SecretId }, principal);
    expect(await read('app/webhook')).toMatchObject({ SecretString: 'one' });
    await expect(read('app/other')).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(read('none')).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});
