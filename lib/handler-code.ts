import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { DeployedConfig } from '../domain/deployed-config.ts';

const ROOT = join(import.meta.dirname, '..');

/** Rooms whose code ends up in the bundle. */
const SOURCES = ['lambdas', 'adapters', 'domain', 'web'];

/**
 * Bundles every handler in `lambdas/` with one esbuild call into one asset, with shared chunks.
 *
 * A `NodejsFunction` each synthesizes 2–3 times slower and uploads 70 MB instead of 4; the price is that any change re-hashes
 * every function. `{folder}/index.handler` is a function's handler; the deployed configuration lies beside. A bundle of the same
 * sources is used again: its folder is named by their digest and appears whole or not at all.
 *
 * @param directory holds the bundles, one folder each
 */
export function bundleHandlers(directory: string, config: DeployedConfig): AssetCode {
  const folder = join(directory, digestOfSources(config).slice(0, 16));
  if (!existsSync(folder)) {
    mkdirSync(directory, { recursive: true });
    const unfinished = mkdtempSync(join(directory, 'unfinished-'));
    bundle(unfinished, config);
    try {
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error; // otherwise another synthesis was first, with the same sources
    }
  }
  return Code.fromAsset(folder);
}

/** Everything the bundle depends on: our sources, the locked packages, this file and the configuration. */
function digestOfSources(config: DeployedConfig): string {
  const hash = createHash('sha256').update(JSON.stringify(config));
  const files = SOURCES.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  for (const file of [...files.sort(), 'package-lock.json', 'lib/handler-code.ts']) {
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function bundle(directory: string, config: DeployedConfig): void {
  const folders = readdirSync(join(ROOT, 'lambdas')).filter((folder) =>
    existsSync(join(ROOT, 'lambdas', folder, 'handler.ts')),
  );
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(folders.map((folder) => [`${folder}/index`, `lambdas/${folder}/handler.ts`])),
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Identifiers stay, so that a stack trace at night names functions.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(directory, 'deployed-config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
