import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

describe('the object store on S3', () => {
  let small: SmallCloud;
  let client: S3Client;
  let store: S3ObjectStore;
  const folder = mkdtempSync(join(tmpdir(), 'launchway-s3-'));
  const at = (key: string, versionId?: string) => ({
    bucket: 'things',
    key,
    ...(versionId !== undefined && { versionId }),
  });

  beforeAll(async () => {
    small = await SmallCloud.start();
    client = new S3Client(small.client);
    store = new S3ObjectStore('000000000000', client);
    await small.create('AWS::S3::Bucket', { BucketName: 'things', VersioningConfiguration: { Status: 'Enabled' } });
  });
  afterAll(async () => {
    client.destroy();
    await small.stop();
    rmSync(folder, { recursive: true });
  });

  it('reads a pinned version, whatever was written since', async () => {
    const first = await store.put(at('a'), 'one', 'text/plain');
    await store.put(at('a'), 'two', 'text/plain');
    expect(await store.readText(first)).toBe('one');
    expect(await store.readText(at('a'))).toBe('two');
    expect(await store.head(first)).toMatchObject({ bytes: 3, versionId: first.versionId });
  });

  it('writes once', async () => {
    expect(await store.putOnce(at('once'), 'first', 'text/plain')).toEqual({ created: true });
    expect(await store.putOnce(at('once'), 'second', 'text/plain')).toEqual({ created: false });
    expect(await store.readText(at('once'))).toBe('first');
  });

  it('writes a large file once, in parts', async () => {
    const path = join(folder, 'large');
    const bytes = Buffer.alloc(65 * 1024 * 1024, 'launchway ');
    writeFileSync(path, bytes);
    expect(await store.putFileOnce(at('large'), path, 'text/plain')).toEqual({ created: true });
    expect(await store.putFileOnce(at('large'), path, 'text/plain')).toEqual({ created: false });
    expect((await store.head(at('large')))?.bytes).toBe(bytes.length);
  });

  it('copies a version within S3, whatever its key is made of', async () => {
    const first = await store.put(at('from/a b+c?.csv'), 'one', 'text/csv');
    await store.put(at('from/a b+c?.csv'), 'two', 'text/csv');
    await store.copy(first, at('to/first'));
    await store.copy(at('from/a b+c?.csv'), at('to/newest'));
    expect([await store.readText(at('to/first')), await store.readText(at('to/newest'))]).toEqual(['one', 'two']);
    await expect(store.copy(at('from/none'), at('to/none'))).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('says what is missing, and stops at a limit', async () => {
    expect(await store.head(at('none'))).toBeUndefined();
    await expect(store.read(at('none'))).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(store.readBytes(at('once'), 2)).rejects.toThrow('expected at most 2 bytes');
    const found: string[] = [];
    for await (const { key } of store.list('things', 'o')) found.push(key);
    expect(found).toEqual(['once']);
  });

  it('refuses a bucket of another account', async () => {
    const other = new S3ObjectStore('111111111111', client);
    await expect(other.readText(at('once'))).rejects.toMatchObject({
      name: expect.stringMatching(/AccessDenied|Forbidden|403/),
    });
  });
});
