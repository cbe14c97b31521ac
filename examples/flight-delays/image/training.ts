import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Hyperparameters, Model } from './model.ts';
import { DataError, parseSchema, type Schema } from './schema.ts';

/** Where a container finds and leaves things. */
export interface Paths {
  readonly train: string;
  readonly schema: string;
  readonly hyperparameters: string;
  readonly model: string;
  /** What it was trained with. */
  readonly versions: string;
  readonly failure: string;
}

/** SageMaker's paths, unless its variables say otherwise. */
export function pathsFrom(env: NodeJS.ProcessEnv): Paths {
  const root = env.SM_OPT_ML ?? '/opt/ml';
  const model = env.SM_MODEL_DIR ?? join(root, 'model');
  const channel = (name: string) => env[`SM_CHANNEL_${name.toUpperCase()}`] ?? join(root, 'input', 'data', name);
  return {
    train: join(channel('train'), 'train.csv'),
    schema: join(channel('schema'), 'schema.json'),
    hyperparameters: join(env.SM_INPUT_CONFIG_DIR ?? join(root, 'input', 'config'), 'hyperparameters.json'),
    model: join(model, 'model.json'),
    versions: join(model, 'versions.json'),
    failure: join(env.SM_OUTPUT_DIR ?? join(root, 'output'), 'failure'),
  };
}

/**
 * Trains on the channel and writes the model.
 *
 * @param log lines for the training log
 * @throws {DataError} for data, schema or hyperparameters that are not as expected
 */
export function train(paths: Paths, log: (line: string) => void): void {
  const schema = parseSchema(readFileSync(paths.schema, 'utf8'));
  const hyperparameters = parseHyperparameters(readFileSync(paths.hyperparameters, 'utf8'));
  const { rows, labels } = readTrainingData(readFileSync(paths.train, 'utf8'), schema);
  log(`${rows.length} rows, ${schema.features.length} features, ${JSON.stringify(hyperparameters)}`);
  const began = performance.now();
  const model = Model.fit(schema, rows, labels, hyperparameters);
  mkdirSync(dirname(paths.model), { recursive: true });
  writeFileSync(paths.model, model.serialize());
  writeFileSync(paths.versions, JSON.stringify(libraries()));
  log(
    `fitted in ${((performance.now() - began) / 1000).toFixed(1)} s; train:logloss=${logLoss(model.score(rows), labels).toFixed(6)}`,
  );
}

/**
 * @param text CSV: header, features in declared order, target last
 * @throws {DataError} for other columns or no rows
 */
export function readTrainingData(text: string, schema: Schema): { rows: string[][]; labels: (0 | 1)[] } {
  const [header, ...records] = parse(text, { bom: true, skip_empty_lines: true }) as string[][];
  const expected = [...schema.features.map((feature) => feature.name), schema.target];
  if (header?.join() !== expected.join()) {
    throw new DataError(
      `expected columns ${expected.join(', ')} in train.csv, got ${header?.join(', ') ?? 'an empty file'}`,
    );
  }
  if (records.length === 0) throw new DataError('expected rows in train.csv, got none');
  return {
    rows: records.map((record) => record.slice(0, -1)),
    labels: records.map((record) => (record.at(-1) === schema.positiveClass ? 1 : 0)),
  };
}

/** @throws {DataError} */
export function parseHyperparameters(text: string): Hyperparameters {
  const given = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  const number = (name: string, fallback: number, valid: (value: number) => boolean) => {
    const value = Number(given.get(name) ?? fallback);
    if (!valid(value))
      throw new DataError(`expected hyperparameter ${name} as a positive number, got '${given.get(name)}'`);
    return value;
  };
  return {
    steps: number('steps', 200, (value) => Number.isInteger(value) && value > 0),
    seed: number('seed', 0, (value) => Number.isInteger(value) && value >= 0),
    learningRate: number('learning_rate', 2e-4, (value) => value > 0),
  };
}

/** What it is trained with, for `versions.json`. */
function libraries(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
  return { node: process.versions.node, ...dependencies };
}

/** Mean negative log-likelihood, in nats. */
function logLoss(scores: readonly number[], labels: readonly (0 | 1)[]): number {
  const loss = scores.reduce((sum, score, i) => sum - Math.log(labels[i] === 1 ? score : 1 - score), 0);
  return loss / scores.length;
}
