import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Header, pack } from 'tar-stream';
import { inspectTarGz } from '../../../adapters/tar-archive.ts';

async function archiveOf(
  entries: readonly (Partial<Header> & { name: string; content?: string | Buffer })[],
): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

async function* streamOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const LIMITS = { maxFiles: 3, maxBytes: 64 * 1024 * 1024, maxRatio: 200 };
const inspect = async (entries: Parameters<typeof archiveOf>[0]) =>
  inspectTarGz(streamOf(await archiveOf(entries)), LIMITS);

describe('a model archive', () => {
  it('is accepted with files and folders, as tar writes them', async () => {
    const entries = [
      { name: './', type: 'directory' as const },
      { name: './model.json', content: '{}' },
      { name: 'code/', type: 'directory' as const },
    ];
    expect(await inspect(entries)).toEqual({ files: 1, findings: [] });
  });

  it('has findings about files that run code when loaded', async () => {
    const { findings } = await inspect([
      { name: 'model.joblib', content: 'x' },
      { name: 'encoder.pkl', content: 'x' },
    ]);
    expect(findings).toEqual([expect.stringContaining('model.joblib, encoder.pkl')]);
  });

  it.each([
    ['a symbolic link', [{ name: 'a', type: 'symlink' as const, linkname: '/etc/passwd' }], 'got a symlink'],
    ['a hard link', [{ name: 'a', type: 'link' as const, linkname: 'b' }], 'got a link'],
    ['a device', [{ name: 'a', type: 'character-device' as const }], 'got a character-device'],
    ['a way out', [{ name: 'a/../../b', content: 'x' }], 'without ".."'],
    ['an absolute path', [{ name: '/etc/passwd', content: 'x' }], 'a relative path'],
    ['a drive', [{ name: 'C:/x', content: 'x' }], 'a relative path'],
    [
      'a name twice',
      [
        { name: 'a', content: 'x' },
        { name: './a', content: 'y' },
      ],
      'every name once',
    ],
    ['too many files', ['a', 'b', 'c', 'd'].map((name) => ({ name, content: 'x' })), 'at most 3 files'],
    ['no file', [{ name: 'a/', type: 'directory' as const }], 'got no file'],
    ['a bomb', [{ name: 'a', content: Buffer.alloc(30 * 1024 * 1024) }], 'bytes unpacked per byte packed'],
    ['too many bytes', [{ name: 'a', content: Buffer.alloc(65 * 1024 * 1024) }], 'unpacked'],
  ])('is refused with %s', async (_name, entries, message) => {
    await expect(inspect(entries)).rejects.toMatchObject({
      name: 'ArtifactRefusedError',
      message: expect.stringContaining(message),
    });
  });

  it('is refused when cut off, or when it is something else', async () => {
    const whole = await archiveOf([{ name: 'a', content: 'x'.repeat(10_000) }]);
    await expect(inspectTarGz(streamOf(whole.subarray(0, whole.length - 20)))).rejects.toMatchObject({
      name: 'ArtifactRefusedError',
    });
    await expect(inspectTarGz(streamOf(Buffer.from('PK zip')))).rejects.toMatchObject({ name: 'ArtifactRefusedError' });
    await expect(inspectTarGz(streamOf(gzipSync('not a tar')))).rejects.toMatchObject({ name: 'ArtifactRefusedError' });
  });
});
