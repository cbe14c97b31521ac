import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { offlineRequirements } from '../../cli/offline-requirements.ts';
import { packSource } from '../../cli/pack-source.ts';

let source: string;
beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), 'launchway-wheels-'));
});
afterEach(() => rmSync(source, { recursive: true }));

const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(source, 'wheels'), { recursive: true });
    writeFileSync(join(source, name), text);
  }
};

describe('requirements of a source', () => {
  it('are installed from the wheels beside them, and from nowhere else', () => {
    write({
      'requirements.txt': '# text\nScikit_Learn==1.2.1 ; python_version > "3"\nzope.interface>=5\n',
      'wheels/scikit_learn-1.2.1-cp39-cp39-manylinux2014_x86_64.whl': '',
      'wheels/zope.interface-5.0-py3-none-any.whl': '',
    });
    expect(offlineRequirements(source)?.split('\n').slice(0, 3)).toEqual([
      '--no-index',
      '--find-links wheels',
      '# text',
    ]);
  });

  it('are packed as they are to be installed, and left alone where they say so already', async () => {
    const text = '--no-index\n--find-links wheels\nit\n';
    write({ 'requirements.txt': 'it\n', 'wheels/it-1-py3-none-any.whl': '' });
    const archive = await packSource(source, undefined, { 'requirements.txt': offlineRequirements(source)! });
    expect(gunzipSync(archive).toString('latin1')).toContain(text);
    write({ 'requirements.txt': text });
    expect(offlineRequirements(source)).toBe(text);
  });

  it.each<[string, Record<string, string>]>([
    ['no file', {}],
    ['only comments', { 'requirements.txt': '# nothing\n\n--no-index\n' }],
  ])('are none where there is %s', (_what, files) => {
    write(files);
    expect(offlineRequirements(source)).toBeUndefined();
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a wheel is missing',
      { 'wheels/a-1-py3-none-any.whl': '' },
      /no network, got none for lightgbm; pip download .*--dest/,
    ],
    ['there are no wheels', {}, /got none for a, lightgbm/],
    [
      'something must be built first',
      { 'wheels/lightgbm-4.tar.gz': '' },
      /expected wheels only in .*, got lightgbm-4\.tar\.gz/,
    ],
  ])('are refused before anything is uploaded where %s', (_what, files, message) => {
    write({ 'requirements.txt': 'a\nlightgbm==4.1\n', ...files });
    expect(() => offlineRequirements(source)).toThrow(message);
  });
});
