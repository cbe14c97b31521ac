import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';

/** The same counts in SQL, on one thread: per number its histogram, moments and extremes, per category its histogram. */
const [path, baselinePath] = process.argv.slice(2) as [string, string];
const { features } = baselineFromJson(readFileSync(baselinePath, 'utf8'));

const measures = features.flatMap(({ profile }, i) => {
  const field = `fields[${i + 1}]`;
  if (profile.kind === 'categorical') return [`histogram(${field})`];
  const number = `try_cast(${field} AS DOUBLE)`;
  const edges = profile.edges.map((edge) => `${edge}::DOUBLE`).join(', ');
  return [
    `histogram(${number}, [${edges}])`,
    ...['count', 'fsum', 'var_pop', 'min', 'max'].map((of) => `${of}(${number})`),
  ];
});
const query = `SELECT count(*), avg(try_cast(trim(output) AS DOUBLE)), ${measures.join(', ')} FROM (
  SELECT string_split(captureData.endpointInput.data, ',') AS fields, captureData.endpointOutput.data AS output
  FROM read_ndjson('${path.replaceAll("'", "''")}', columns = {captureData:
    'STRUCT(endpointInput STRUCT("data" VARCHAR), endpointOutput STRUCT("data" VARCHAR))'}))`;

const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
const cpu = process.cpuUsage();
const start = performance.now();
const rows = await (await connection.runAndReadAll(query)).getRows();
const wallSeconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6, wallSeconds, rows: Number(rows[0]![0]) }));
