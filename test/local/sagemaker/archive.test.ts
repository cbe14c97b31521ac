import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Header, pack } from 'tar-stream';
import {
  ArchiveError,
  extractArchive,
  filesBelow,
  packDirectories,
} from '../../../local/services/sagemaker/archive.ts';

describe('a model archive', () => {
  const root = mkdtempSync(join(tmpdir(), 'launchway-archive-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const extract = async (header: Partial<Header> & { name: string }) => {
    const tar = pack();
    if (header.type) tar.entry(header);
    else tar.entry(header, 'x');
    tar.finalize();
    const bytes = await buffer(tar.pipe(createGzip()).pipe(new PassThrough()));
    await extractArchive(Readable.from([bytes]), join(root, 'target'));
  };

  it.each([
    { name: '../outside' },
    { name: 'a/../../outside' },
    { name: '/outside' },
    { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'hard', type: 'link', linkname: 'model' },
    { name: 'device', type: 'character-device' },
  ] satisfies (Partial<Header> & { name: string })[])('with $name is refused', async (header) => {
    await expect(extract(header)).rejects.toThrow(ArchiveError);
    expect(existsSync(join(root, 'outside'))).toBe(false);
  });

  it('that is none is refused', async () => {
    await expect(extractArchive(Readable.from([Buffer.from('no gzip')]), join(root, 'none'))).rejects.toThrow();
  });

  it('holds what was packed', async () => {
    mkdirSync(join(root, 'source', 'code'), { recursive: true });
    writeFileSync(join(root, 'source', 'model.json'), '{}');
    writeFileSync(join(root, 'source', 'code', 'train.py'), 'pass');
    await packDirectories([join(root, 'source')], join(root, 'model.tar.gz'));
    await extractArchive(Readable.from([readFileSync(join(root, 'model.tar.gz'))]), join(root, 'copy'));
    expect(await filesBelow(join(root, 'copy'))).toEqual(['code/train.py', 'model.json']);
    expect(readFileSync(join(root, 'copy', 'code', 'train.py'), 'utf8')).toBe('pass');
  });
});
