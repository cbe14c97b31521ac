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
 * @param as IAM user of the local cloud; by default the command's own
 */
export function runCli(
  args: readonly string[],
  {
    stateDir,
    node = process.execPath,
    as,
  }: { readonly stateDir: string; readonly node?: string; readonly as?: string | undefined },
): Promise<CliRun> {
  const { AWS_ENDPOINT_URL: _, AWS_ACCESS_KEY_ID: __, ...rest } = process.env;
  const env = {
    ...rest,
    LAUNCHWAY_STATE: stateDir,
    NO_COLOR: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(as && { AWS_ACCESS_KEY_ID: as }),
  };
  return new Promise((done) => {
    execFile(node, [resolve('bin/launchway.js'), ...args], { env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}
