import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quoted } from './phase-script.ts';

/** Programs that a build finds before the machine's own. */
const TOOLS = ['docker', 'aws'] as const;

/** @param folder absolute; first in a build's PATH */
export async function installTools(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of TOOLS) {
    const tool = join(folder, name);
    const script = fileURLToPath(new URL(`./tools/${name}.mjs`, import.meta.url));
    const line = `LAUNCHWAY_TOOL=${quoted(tool)} exec ${quoted(process.execPath)} --no-warnings ${quoted(script)} "$@"`;
    await writeFile(tool, `#!/bin/sh\n${line}\n`);
    await chmod(tool, 0o755);
  }
}
