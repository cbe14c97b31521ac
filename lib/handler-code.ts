import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { DeployedConfig } from '../domain/deployed-config.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Bundles every handler in `lambdas/` with one esbuild call into one asset, with shared chunks.
 *
 * A `NodejsFunction` each synthesizes 2–3 times slower and uploads 70 MB instead of 4; the price is that any change re-hashes
 * every function. `{folder}/index.handler` is a function's handler; the deployed configuration lies beside.
 *
 * @param directory where the bundle is written; emptied first
 */
export function bundleHandlers(directory: string, config: DeployedConfig): AssetCode {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
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
  return Code.fromAsset(directory);
}
