import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildSync } from 'esbuild';
import { datasetDefinition, generateDataset } from './datasets/generate.ts';
import type { StepRun } from './datasets/prepare-once.ts';
import type { Bench } from './run.ts';

const FOLDER = join(import.meta.dirname, '../build/bench/datasets');
/** As lib/prepare-data.ts deploys the functions. */
const FUNCTION = { memoryMb: 1769, timeoutSeconds: 900 };
/** A tenth and all of what a split by time may have; LAUNCHWAY_BENCH_ROWS measures another number. */
const ROWS = process.env.LAUNCHWAY_BENCH_ROWS?.split(',').map(Number) ?? [1_000_000];

interface Measured {
  readonly rows: number;
  readonly bytes: number;
  readonly runs: readonly StepRun[];
}

/**
 * What sealing, preparing and profiling a dataset of 23 columns costs: CPU seconds, as the machine may be shared, and memory, with
 * the heap that a function of 1,769 MB has. The code is bundled as it ships; S3 is a folder.
 */
const datasets: Bench = async () => {
  mkdirSync(FOLDER, { recursive: true });
  const program = bundle();
  const results: Record<string, Measured> = {};
  const missed: string[] = [];
  for (const rows of ROWS) {
    for (const kind of ['csv by time', 'csv with a test file', 'parquet by time'] as const) {
      const name = `${rows.toLocaleString('en')} rows, ${kind}`;
      const measured = await measure(program, rows, kind);
      results[name] = measured;
      console.log(`${name}: ${(measured.bytes / 1e6).toFixed(0)} MB`);
      for (const { step, cpuSeconds, maxRssMb } of measured.runs) {
        console.log(`  ${step}: ${cpuSeconds.toFixed(1)} s, at most ${maxRssMb.toFixed(0)} MB so far`);
        if (cpuSeconds > FUNCTION.timeoutSeconds / 2)
          missed.push(`${name}: ${step} took ${cpuSeconds.toFixed(0)} s of CPU`);
        if (maxRssMb > FUNCTION.memoryMb) missed.push(`${name}: ${step} took ${maxRssMb.toFixed(0)} MB`);
      }
    }
  }
  rmSync(FOLDER, { recursive: true, force: true });
  return { result: results, missed };
};

function bundle(): string {
  const outfile = join(FOLDER, 'prepare-once.mjs');
  buildSync({
    absWorkingDir: join(import.meta.dirname, '..'),
    entryPoints: ['bench/datasets/prepare-once.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

async function measure(program: string, rows: number, kind: string): Promise<Measured> {
  const root = join(FOLDER, 'objects');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'intake'), { recursive: true });
  const inTest = kind === 'csv with a test file' ? Math.floor(rows / 10) : 0;
  const format = kind === 'parquet by time' ? 'parquet' : 'csv';
  const file = (name: string) => ({ bucket: 'intake', key: `${name}.${format}` });
  await write(join(root, 'intake', `train.${format}`), 0, rows - inTest);
  const inputs = { dataset: file('train') };
  if (inTest > 0) {
    await write(join(root, 'intake', 'test.csv'), rows - inTest, rows);
    const pinned = (['train', 'test'] as const).map((role) => ({
      role,
      name: `${role}.csv`,
      object: file(role),
      bytes: statSync(join(root, 'intake', `${role}.csv`)).size,
    }));
    writeFileSync(
      join(root, 'intake', 'files.json'),
      JSON.stringify({ schema: 'launchway/pinned-files/v1', files: pinned }),
    );
    Object.assign(inputs, { files: { bucket: 'intake', key: 'files.json', sha256: '' } });
  }
  const definition = datasetDefinition(inTest > 0 ? 'file' : 'time', format);
  const heap = Math.floor(FUNCTION.memoryMb * 0.9);
  const output = execFileSync(
    process.execPath,
    [`--max-old-space-size=${heap}`, '--no-warnings', program, root, JSON.stringify(inputs), definition],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  return JSON.parse(output);
}

async function write(path: string, from: number, to: number): Promise<void> {
  if (!path.endsWith('.parquet')) return generateDataset(path, from, to);
  const csv = path.replace('.parquet', '.csv');
  await generateDataset(csv, from, to);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`copy (from read_csv('${csv}')) to '${path}' (format parquet, compression snappy)`);
  connection.closeSync();
  rmSync(csv);
}

export default datasets;
