import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../../local/cloud.ts';
import { createIamService } from '../../../../local/iam/service.ts';
import type { Principal } from '../../../../local/service.ts';
import { createKmsService } from '../../../../local/services/kms/index.ts';

let directory: string;
let cloud: LocalCloud;

const open = async () => {
  cloud = new LocalCloud({ stateDir: directory });
  cloud.register(createIamService(cloud), createKmsService(cloud));
  await cloud.resume();
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kms-'));
  await open();
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const user: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' };
const call = (operation: string, input: object, principal = user): Promise<any> =>
  cloud.call({ service: 'kms', operation, principal, input });
const handler = (type: string) => cloud.services.find(({ resources }) => resources?.[type])!.resources![type]!;
const create = (type: string, properties: object, logicalId = 'Key') =>
  handler(type).create({ stackName: 'App', logicalId, type, properties });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a symmetric key', () => {
  it('decrypts what it encrypted, under the same context only, across a restart', async () => {
    const { ref, attributes } = await create('AWS::KMS::Key', {});
    const EncryptionContext = { b: '2', a: '1' };
    const { CiphertextBlob, KeyId } = await call('Encrypt', {
      KeyId: ref,
      Plaintext: base64('secret'),
      EncryptionContext,
    });
    expect(KeyId).toBe(attributes.Arn);
    await cloud.stop();
    await open();
    const blob = Buffer.from(CiphertextBlob).toString('base64');
    const opened = await call('Decrypt', { CiphertextBlob: blob, EncryptionContext: { a: '1', b: '2' } });
    expect(text(opened.Plaintext)).toBe('secret');
    for (const wrong of [{}, { a: '1' }, { a: '1', b: '3' }]) {
      await expect(call('Decrypt', { CiphertextBlob: blob, EncryptionContext: wrong })).rejects.toMatchObject({
        code: 'InvalidCiphertextException',
      });
    }
  });

  it('finds a single changed bit, and what is not its own', async () => {
    const { ref } = await create('AWS::KMS::Key', {});
    const { CiphertextBlob } = await call('Encrypt', { KeyId: ref, Plaintext: base64('secret') });
    for (const position of [0, 5, 40, 60, CiphertextBlob.length - 1]) {
      const changed = Buffer.from(CiphertextBlob);
      changed[position]! ^= 1;
      await expect(call('Decrypt', { CiphertextBlob: changed.toString('base64') })).rejects.toMatchObject({
        code: 'InvalidCiphertextException',
      });
    }
    const other = await create('AWS::KMS::Key', {}, 'Other');
    await expect(
      call('Decrypt', { KeyId: other.ref, CiphertextBlob: Buffer.from(CiphertextBlob).toString('base64') }),
    ).rejects.toMatchObject({ code: 'IncorrectKeyException' });
  });

  it('makes data keys and passes a ciphertext on to another key', async () => {
    const { ref } = await create('AWS::KMS::Key', {});
    const other = await create('AWS::KMS::Key', {}, 'Other');
    const { Plaintext, CiphertextBlob } = await call('GenerateDataKey', { KeyId: ref, KeySpec: 'AES_256' });
    expect(Plaintext).toHaveLength(32);
    const passed = await call('ReEncrypt', {
      CiphertextBlob: Buffer.from(CiphertextBlob).toString('base64'),
      DestinationKeyId: other.ref,
    });
    const opened = await call('Decrypt', { CiphertextBlob: Buffer.from(passed.CiphertextBlob).toString('base64') });
    expect(opened).toMatchObject({ KeyId: other.attributes.Arn, Plaintext });
  });

  it('keeps its material readable by its owner alone', async () => {
    await create('AWS::KMS::Key', {});
    const files = readdirSync(join(directory, 'kms'));
    expect(files).toHaveLength(1);
    expect(statSync(join(directory, 'kms', files[0]!)).mode & 0o777).toBe(0o600);
  });
});

describe('an HMAC key', () => {
  it('verifies its own MAC and no other', async () => {
    await create('AWS::KMS::Alias', {
      AliasName: 'alias/links',
      TargetKeyId: (await create('AWS::KMS::Key', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })).ref,
    });
    const message = { KeyId: 'alias/links', MacAlgorithm: 'HMAC_SHA_256', Message: base64('request') };
    const Mac = Buffer.from((await call('GenerateMac', message)).Mac).toString('base64');
    expect(await call('VerifyMac', { ...message, Mac })).toMatchObject({ MacValid: true });
    for (const wrong of [{ Mac: base64('x'.repeat(32)) }, { Mac, Message: base64('other') }]) {
      await expect(call('VerifyMac', { ...message, ...wrong, Mac: wrong.Mac })).rejects.toMatchObject({
        code: 'KMSInvalidMacException',
      });
    }
    await expect(call('Encrypt', { KeyId: 'alias/links', Plaintext: base64('x') })).rejects.toMatchObject({
      code: 'InvalidKeyUsageException',
    });
  });
});

describe('a key', () => {
  it('that is given up works no more, and is gone after its window', async () => {
    const { ref, attributes } = await create('AWS::KMS::Key', { PendingWindowInDays: 7 });
    const properties = { PendingWindowInDays: 7 };
    await handler('AWS::KMS::Key').delete(
      { stackName: 'App', logicalId: 'Key', type: 'AWS::KMS::Key', properties },
      { ref, attributes },
    );
    await expect(call('Encrypt', { KeyId: ref, Plaintext: base64('x') })).rejects.toMatchObject({
      code: 'KMSInvalidStateException',
    });
    await cloud.stop();
    await open();
    await cloud.clock.advance(7 * 86_400_000);
    await expect(call('DescribeKey', { KeyId: ref })).rejects.toMatchObject({ code: 'NotFoundException' });
    expect(readdirSync(join(directory, 'kms'))).toEqual([]);
  });

  it('that does not exist is named', async () => {
    await expect(call('DescribeKey', { KeyId: 'alias/none' })).rejects.toThrow(
      'Alias arn:aws:kms:eu-west-1:000000000000:alias/none is not found.',
    );
  });

  it('of an unserved kind is refused loudly', async () => {
    await expect(create('AWS::KMS::Key', { KeySpec: 'RSA_2048' })).rejects.toThrow('NotImplemented');
  });

  it('obeys its policy, conditions on the encryption context included', async () => {
    const role = await cloud.services[0]!.resources!['AWS::IAM::Role']!.create({
      stackName: 'App',
      logicalId: 'Role',
      type: 'AWS::IAM::Role',
      properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      },
    });
    const principal = await cloud.assume(role.attributes.Arn!, 's', 'lambda.amazonaws.com');
    const { ref } = await create('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: role.attributes.Arn },
            Action: 'kms:Encrypt',
            Resource: '*',
            Condition: { StringEquals: { 'kms:EncryptionContext:team': 'a' } },
          },
        ],
      },
    });
    const encrypt = (team: string, as: Principal) =>
      call('Encrypt', { KeyId: ref, Plaintext: base64('x'), EncryptionContext: { team } }, as);
    await encrypt('a', principal);
    await expect(encrypt('b', principal)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(encrypt('a', user)).rejects.toThrow('because no resource-based policy allows the kms:Encrypt action');
  });
});
