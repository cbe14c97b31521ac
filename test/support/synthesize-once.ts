import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const PATIENCE = 120_000;

/**
 * The synthesized app, made by the first test file of the run that asks for it; runs without such a file do not synthesize.
 *
 * @returns the assembly's folder; nobody may change it
 */
export const synthesizeOnce = (): Promise<string> => synthesizedAs('assembly', {});

const PLACEHOLDER = 'http://127.0.0.1:1';

/**
 * The app with an issuer, in a folder of its own: it is synthesized once per run, and only the configuration beside its functions
 * says where the issuer is.
 *
 * @param folder where it is put
 */
export async function synthesizeWithIssuer(issuer: string, folder: string): Promise<string> {
  const assembly = await synthesizedAs('assembly-with-issuer', { LAUNCHWAY_LOCAL_ISSUER: PLACEHOLDER });
  cpSync(assembly, folder, { recursive: true });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('deployed-config.json')) continue;
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(PLACEHOLDER, issuer));
  }
  return folder;
}

async function synthesizedAs(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const run = process.env.LAUNCHWAY_TEST_RUN!;
  const assembly = join(run, name);
  const lock = join(run, `${name}.lock`);
  for (const until = Date.now() + PATIENCE; Date.now() < until; await wait(100)) {
    if (existsSync(assembly)) return assembly;
    if (takes(lock)) return synthesizeTo(assembly, lock, env); // kept: there is one assembly per run
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

async function synthesizeTo(assembly: string, lock: string, env: Readonly<Record<string, string>>): Promise<string> {
  const cdk = join('node_modules', '.bin', 'cdk');
  try {
    await promisify(execFile)(cdk, ['synth', '--quiet', '--output', `${assembly}.new`], {
      env: { ...process.env, ...env },
    });
    renameSync(`${assembly}.new`, assembly);
    return assembly;
  } catch (error) {
    rmSync(lock, { recursive: true }); // so that every file that waits says why
    throw error;
  }
}
