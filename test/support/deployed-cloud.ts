import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type RunningCloud, type RunOptions, runLocalCloud } from '../../local/run.ts';
import { synthesizeOnce } from './synthesize-once.ts';

export interface DeployedCloud extends RunningCloud {
  /** Lines reported so far: denials, failures of background work. */
  readonly reported: readonly string[];
  readonly stateDir: string;
  /** Stops and forgets everything. */
  remove(): Promise<void>;
}

/** A local cloud of its own with the synthesized app deployed on it. */
export async function deployedCloud(options: Partial<RunOptions> = {}): Promise<DeployedCloud> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'launchway-test-'));
  const reported: string[] = [];
  const running = await runLocalCloud({
    port: 0,
    stateDir,
    assembly: options.assembly ?? (await synthesizeOnce()),
    images: { 'launchway/flight-delays:1': resolve('examples/flight-delays/image') },
    report: (line) => reported.push(line),
    ...options,
  });
  return {
    ...running,
    reported,
    stateDir,
    remove: async () => {
      await running.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
