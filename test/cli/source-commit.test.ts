import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sourceCommit } from '../../cli/source-commit.ts';

describe('the commit of a source', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'launchway-source-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const git = (...command: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...command], {
      cwd: folder,
      encoding: 'utf8',
    });

  it('is captured, with a mark where files differ from it', () => {
    git('init', '-q');
    writeFileSync(join(folder, 'train.py'), 'print(1)\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    const commit = git('rev-parse', 'HEAD').trim();
    expect(sourceCommit(folder)).toEqual({ commit });
    writeFileSync(join(folder, 'train.py'), 'print(2)\n');
    expect(sourceCommit(folder)).toEqual({ commit: `${commit}+changes` });
  });

  it('is not made up outside a repository', () => {
    expect(sourceCommit(folder)).toEqual({});
  });
});
