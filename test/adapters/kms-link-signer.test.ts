import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { decodeLink } from '../../domain/approval/approval-link.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

const link = { requestId: `r${'a'.repeat(40)}`, approver: 'ada', digest: 'd'.repeat(64), expires: 1_900_000_000 };
const nonce = 'n'.repeat(24);

let small: SmallCloud;
let client: KMSClient;
let arns: string[];

beforeAll(async () => {
  small = await SmallCloud.start();
  client = new KMSClient(small.client);
  const properties = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
  const keys = [
    await small.create('AWS::KMS::Key', properties),
    await small.create('AWS::KMS::Key', properties, 'New'),
    await small.create('AWS::KMS::Key', { ...properties, Enabled: false }, 'Disabled'),
  ];
  arns = keys.map(({ attributes }) => attributes.Arn!);
});
afterAll(() => small.stop());

const signer = (...generations: [number, ...number[]]) =>
  new KmsLinkSigner(generations.map((i) => arns[i]!) as [string, ...string[]], client);

describe('A4: keys of links rotate under KMS', () => {
  it('what the former key signed works while both are live, and what is signed then is the new one’s', async () => {
    const old = await signer(0).sign(link);
    const form = await signer(0).signForm(decodeLink(old)!.link, nonce);
    const both = signer(1, 0);
    const opened = await both.verify(old);
    expect(opened).toMatchObject(link);
    expect(await both.verifyForm(opened!, nonce, form)).toBe(true);
    const young = await both.sign(link);
    expect(await signer(1).verify(young)).toMatchObject(link);
    expect(await signer(0).verify(young)).toBeUndefined();
    expect(await signer(1).verify(old)).toBeUndefined();
    expect(await signer(1).verifyForm(opened!, nonce, form)).toBe(false);
  });

  it('a link that names the new key and carries the former’s MAC is nobody’s', async () => {
    const { mac } = decodeLink(await signer(0).sign(link))!;
    const young = decodeLink(await signer(1).sign(link))!.link;
    const forged = `${Buffer.from(JSON.stringify(young)).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`;
    expect(await signer(1, 0).verify(forged)).toBeUndefined();
  });

  it('a key that is disabled is a failure and not an answer', async () => {
    await expect(signer(2).sign(link)).rejects.toMatchObject({ name: 'DisabledException' });
  });
});
