import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** A measurement: prints what it finds, and returns it for `--json`. Throws where a goal is missed. */
export type Bench = () => Promise<BenchResult>;

export interface BenchResult {
  readonly result: unknown;
  /** Goals that were missed, in words; none where all were met. */
  readonly missed: readonly string[];
}

/** `npm run bench -- <name> [--json FILE]` runs `bench/<name>.ts`, whose default export is a Bench. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !['run.ts', 'median.ts'].includes(file))
    .map((file) => file.replace('.ts', ''));
  const [name] = positionals;
  if (positionals.length !== 1 || !names.includes(name!)) {
    console.error(`expected one of ${names.join(', ')}, got ${positionals.join(' ') || 'nothing'}`);
    process.exitCode = 2;
    return;
  }
  const { default: bench } = (await import(`./${name}.ts`)) as { default: Bench };
  const { result, missed } = await bench();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  for (const goal of missed) console.error(`MISSED: ${goal}`);
  if (missed.length > 0) process.exitCode = 1;
}

await main();
