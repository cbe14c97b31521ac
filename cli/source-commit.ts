import { execFileSync } from 'node:child_process';

/** The commit that a folder's files are of, as S3 metadata: what trained is found again. Empty outside a git working tree. */
export function sourceCommit(folder: string): Record<string, string> {
  try {
    const commit = git(folder, 'rev-parse', 'HEAD').trim();
    const changed = git(folder, 'status', '--porcelain', '--', '.').trim() !== '';
    return { commit: changed ? `${commit}+changes` : commit };
  } catch {
    // No git here, or no repository: the release says that the commit is not known.
    return {};
  }
}

const git = (folder: string, ...command: string[]): string =>
  execFileSync('git', command, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
