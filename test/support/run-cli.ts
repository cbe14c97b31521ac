import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

export interface CliRun {
  /** Exit code. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `launchway` as a shell does.
 *
 * @param stateDir the local cloud that commands talk to
 */
export function runCli(
  args: readonly string[],
  { stateDir, node = process.execPath }: { readonly stateDir: string; readonly node?: string },
): Promise<CliRun> {
  const { AWS_ENDPOINT_URL: _, AWS_ACCESS_KEY_ID: __, ...rest } = process.env;
  const env = { ...rest, LAUNCHWAY_STATE: stateDir, NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true' };
  return new Promise((done) => {
    execFile(node, [resolve('bin/launchway.js'), ...args], { env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}
