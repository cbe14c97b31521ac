import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packZip } from '../../cli/pack-zip.ts';
import { unzip } from '../../local/services/codebuild/source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launchway-zip-'));
  mkdirSync(join(folder, 'source/lib'), { recursive: true });
  mkdirSync(join(folder, 'source/__pycache__'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = () => join(folder, 'source');

describe('a folder that an image is built of', () => {
  it('is unpacked as it was, with what may be run and without caches', async () => {
    const text = 'größer\n'.repeat(1000);
    writeFileSync(join(source(), 'train'), '#!/bin/sh\n');
    chmodSync(join(source(), 'train'), 0o755);
    writeFileSync(join(source(), 'lib/ü.txt'), text);
    writeFileSync(join(source(), 'empty'), '');
    writeFileSync(join(source(), '__pycache__/x.pyc'), 'x');
    const archive = join(folder, 'it.zip');
    writeFileSync(archive, packZip(source()));
    await unzip(archive, join(folder, 'out'));
    expect(readFileSync(join(folder, 'out/lib/ü.txt'), 'utf8')).toBe(text);
    expect(readFileSync(join(folder, 'out/empty'), 'utf8')).toBe('');
    expect(statSync(join(folder, 'out/train')).mode & 0o111).not.toBe(0);
    expect(() => statSync(join(folder, 'out/__pycache__'))).toThrow('ENOENT');
  });

  it('has the same bytes whenever it was written', () => {
    writeFileSync(join(source(), 'serve'), 'x');
    const before = packZip(source());
    utimesSync(join(source(), 'serve'), 1, 1);
    expect(packZip(source())).toEqual(before);
  });

  it('is refused where it is empty', () => {
    expect(() => packZip(source())).toThrow('expected files in');
  });

  it('is refused with a symbolic link, whose target would be uploaded', () => {
    symlinkSync('/etc/hostname', join(source(), 'lib/name'));
    expect(() => packZip(source())).toThrow(/expected no symbolic link in .*, got lib\/name/);
  });

  it('is refused beyond 200 MB, before anything is read', () => {
    writeFileSync(join(source(), 'weights'), '');
    truncateSync(join(source(), 'weights'), 200 * 1024 * 1024 + 1);
    expect(() => packZip(source())).toThrow('expected at most 209715200 bytes');
  });
});
