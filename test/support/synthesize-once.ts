import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const PATIENCE = 120_000;

/**
 * The synthesized app, made by the first test file of the run that asks for it; runs without such a file do not synthesize.
 *
 * @returns the assembly's folder; nobody may change it
 */
export async function synthesizeOnce(): Promise<string> {
  const run = process.env.LAUNCHWAY_TEST_RUN!;
  const assembly = join(run, 'assembly');
  for (const until = Date.now() + PATIENCE; Date.now() < until; await wait(100)) {
    if (existsSync(assembly)) return assembly;
    if (takes(join(run, 'lock'))) return synthesizeTo(assembly, join(run, 'lock')); // kept: there is one assembly per run
  }
  throw new Error(`expected another test file to synthesize the app within ${PATIENCE / 1000} s, got no assembly`);
}

function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false; // another worker has it
  }
}

async function synthesizeTo(assembly: string, lock: string): Promise<string> {
  try {
    await promisify(execFile)(join('node_modules', '.bin', 'cdk'), ['synth', '--quiet', '--output', `${assembly}.new`]);
    renameSync(`${assembly}.new`, assembly);
    return assembly;
  } catch (error) {
    rmSync(lock, { recursive: true }); // so that every file that waits says why
    throw error;
  }
}
