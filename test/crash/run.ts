import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deployOnce } from './deployed-state.ts';
import { runSeed, type SeedResult } from './run-seed.ts';

const ROOT = join(import.meta.dirname, '../..');

// npm run crash -- --seeds 50: kills the local cloud during the demonstration's release, and checks what is promised.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    first: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: String(Math.min(2, availableParallelism())) },
    keep: { type: 'boolean', default: false },
  },
});
const first = Number(values.first);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);

const work = mkdtempSync(join(tmpdir(), 'launchway-crash-'));
const assembly = join(work, 'assembly');
const deployed = join(work, 'deployed');
const began = Date.now();
execFileSync(join(ROOT, 'node_modules/.bin/cdk'), ['synth', '--quiet', '--output', assembly], { cwd: ROOT });
await deployOnce(deployed, assembly);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

console.log('seed  verdict   releases  audits  captured  seconds  kills');
const results: SeedResult[] = [];
const worker = async () => {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    const result = await runSeed({ seed, deployed, assembly, keep: values.keep });
    results.push(result);
    console.log(rowOf(result));
    for (const violation of result.violations) console.log(`      ${violation}`);
    if (result.violations.length > 0) for (const line of result.said.slice(-40)) console.log(`      | ${line}`);
    if (result.stateDir) console.log(`      state kept in ${result.stateDir}`);
  }
};
await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
rmSync(work, { recursive: true, force: true });

const bad = results.filter(({ violations }) => violations.length > 0);
const kills = results.reduce((sum, result) => sum + result.kills.length, 0);
console.log(
  `\n${results.length - bad.length}/${results.length} seeds kept every promise over ${kills} kills in ${Math.round((Date.now() - began) / 1000)} s`,
);
process.exitCode = bad.length > 0 ? 1 : 0;

function rowOf({ seed, violations, releases, audits, captured, seconds, kills }: SeedResult): string {
  return [
    String(seed).padStart(4),
    (violations.length ? 'VIOLATED' : 'kept').padEnd(8),
    String(releases).padStart(8),
    String(audits).padStart(6),
    String(captured).padStart(8),
    seconds.toFixed(1).padStart(7),
    kills.join(' '),
  ].join('  ');
}
