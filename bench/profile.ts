import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyProfile } from '../domain/drift/baseline.ts';
import type { Profile } from '../domain/drift/profile.ts';
import { baselineToJson, profileFromJson } from '../domain/drift/profile-json.ts';
import { ProfileSum } from '../domain/drift/profile-sum.ts';
import { shardFromJson, shardToJson } from '../domain/drift/shard-json.ts';
import { generateBaseline, generateCaptures } from './captures/generate.ts';
import type { ProfileRun } from './captures/profile-once.ts';
import { median } from './median.ts';
import type { Bench } from './run.ts';

const RECORDS = 1_000_000;
const RUNS = 5;
const SHARDS = 1_000;
const FOLDER = 'build/bench';

const GOALS = { ratioToNaive: 4, ratioToDuckdb: 2, rssMb: 60, mergeSeconds: 0.5 };

/**
 * A million captures of 35 features: the profiler against the naive reader and DuckDB, all on one core, in alternation. Times are
 * CPU times, as the machine may be shared.
 */
const profile: Bench = async () => {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `captures-${RECORDS}.jsonl`);
  const bytes = generateCaptures(path, RECORDS, 7);
  const baseline = generateBaseline();
  const baselinePath = join(FOLDER, 'baseline.json');
  writeFileSync(baselinePath, baselineToJson(baseline));
  console.log(`${RECORDS.toLocaleString('en')} records × ${baseline.features.length} features, ${megabytes(bytes)} MB`);

  const runs = { scanner: [] as ProfileRun[], naive: [] as ProfileRun[], duckdb: [] as DuckdbRun[] };
  for (let run = 1; run <= RUNS; run++) {
    runs.scanner.push(once<ProfileRun>('profile-once.ts', 'scanner', path, baselinePath));
    runs.naive.push(once<ProfileRun>('profile-once.ts', 'naive', path, baselinePath));
    runs.duckdb.push(once<DuckdbRun>('duckdb-once.ts', path, baselinePath));
    const [scanner, naive, duckdb] = [runs.scanner.at(-1)!, runs.naive.at(-1)!, runs.duckdb.at(-1)!];
    if (scanner.profile !== naive.profile) throw new Error('expected both readers to give one profile, got two');
    console.log(
      `run ${run}: profiler ${told(scanner)}, naive ${told(naive)}, DuckDB ${told(duckdb)}; +${scanner.rssAboveMb.toFixed(0)} MB`,
    );
  }
  const seconds = median(runs.scanner.map(({ cpuSeconds }) => cpuSeconds));
  const ratioTo = (others: readonly { readonly cpuSeconds: number }[]): number =>
    median(others.map(({ cpuSeconds }, i) => cpuSeconds / runs.scanner[i]!.cpuSeconds));
  const result = {
    recordsPerSecond: Math.round(RECORDS / seconds),
    megabytesPerSecond: megabytes(bytes) / seconds,
    rssMb: Math.max(...runs.scanner.map(({ rssAboveMb }) => rssAboveMb)),
    ratioToNaive: ratioTo(runs.naive),
    ratioToDuckdb: ratioTo(runs.duckdb),
    mergeSeconds: mergeSeconds(profileFromJson(runs.scanner[0]!.profile), emptyProfile(baseline)),
  };
  console.log(result);
  return { result, missed: missedGoals(result) };
};

interface DuckdbRun {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly rows: number;
}

function once<Run>(script: string, ...args: readonly string[]): Run {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'captures', script), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output) as Run;
}

/** Reads and sums the parts of an hour. */
function mergeSeconds(part: Profile, empty: Profile): number {
  const texts = Array.from({ length: SHARDS }, () => shardToJson(part));
  const cpu = process.cpuUsage();
  const parts = new ProfileSum(empty);
  for (const text of texts) parts.add(shardFromJson(text, empty));
  const sum = parts.profile();
  const { user, system } = process.cpuUsage(cpu);
  if (sum.rows !== part.rows * SHARDS) throw new Error(`expected ${part.rows * SHARDS} rows, got ${sum.rows}`);
  return (user + system) / 1e6;
}

const missedGoals = (result: Record<keyof typeof GOALS, number>): string[] => [
  ...(result.ratioToNaive < GOALS.ratioToNaive ? [`ratio to the naive reader at least ${GOALS.ratioToNaive}`] : []),
  ...(result.ratioToDuckdb < GOALS.ratioToDuckdb ? [`ratio to DuckDB at least ${GOALS.ratioToDuckdb}`] : []),
  ...(result.rssMb > GOALS.rssMb ? [`at most ${GOALS.rssMb} MB above the loaded process`] : []),
  ...(result.mergeSeconds > GOALS.mergeSeconds ? [`${SHARDS} shards merged within ${GOALS.mergeSeconds} s`] : []),
];

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
const told = ({ cpuSeconds, wallSeconds }: DuckdbRun | ProfileRun): string =>
  `${cpuSeconds.toFixed(2)} s (${wallSeconds.toFixed(2)} s by the clock)`;

export default profile;
