import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isPartName, isTestName, READY, testNameFor } from '../domain/intake/upload-key.ts';
import { UsageError } from './output.ts';

/** A file as a submission takes it. */
export interface SubmittedFile {
  readonly name: string;
  text(): string | Uint8Array;
}

/** A dataset on disk: the file that starts its release, and what is put before it. */
export interface SubmittedDataset {
  readonly trainingFile: SubmittedFile;
  readonly beside: readonly SubmittedFile[];
}

export const DATA_OPTION = 'CSV or Parquet to train on, or a folder of part-* files';
export const TEST_OPTION = 'hold-out of data.test.split: file; by default test.csv beside the data';

/** What `--data` names. */
export interface DataOptions {
  /** A file, or a folder of part-* files. */
  readonly data: string;
  /** The test file, where it is not beside. */
  readonly test?: string;
}

/**
 * Reads what a dataset consists of: one file, one file with its test file, or a folder of parts, which gets a `_READY` list.
 *
 * @param needsTest the model holds out rows by a file of their own
 * @throws {UsageError} no such file, or a folder that is no dataset
 */
export function datasetAt({ data, test }: DataOptions, needsTest: boolean): SubmittedDataset {
  if (!existsSync(data)) throw new UsageError(`expected a dataset to train on, got no file ${data}`);
  if (statSync(data).isDirectory()) return datasetIn(data, test, needsTest);
  const trainingFile = fileAt(data);
  if (test === undefined && !needsTest) return { trainingFile, beside: [] };
  return { trainingFile, beside: [testFileFor(trainingFile.name, test ?? join(dirname(data), testNameFor(data)))] };
}

function datasetIn(folder: string, test: string | undefined, needsTest: boolean): SubmittedDataset {
  const names = readdirSync(folder)
    .filter((name) => /\.(csv|parquet)$/i.test(name))
    .sort();
  const parts = names.filter(isPartName);
  const [other, ...more] = names.filter((name) => !isPartName(name) && !isTestName(name));
  if (other !== undefined && parts.length + more.length === 0)
    return datasetAt({ data: join(folder, other), ...(test !== undefined && { test }) }, needsTest || names.length > 1);
  if (parts.length === 0 || other !== undefined)
    throw new UsageError(
      `expected files named part-*.csv or part-*.parquet in ${folder} (and test.csv), got ${[other ?? 'none', ...more].join(', ')}`,
    );
  const own = names.filter(isTestName).map((name) => fileAt(join(folder, name)));
  const files = [
    ...parts.map((name) => fileAt(join(folder, name))),
    ...(test === undefined ? own : [testFileFor(parts[0]!, test)]),
  ];
  return { trainingFile: { name: READY, text: () => readyListOf(files) }, beside: files };
}

const fileAt = (path: string): SubmittedFile => ({ name: basename(path), text: () => readFileSync(path) });

function testFileFor(training: string, path: string): SubmittedFile {
  if (!existsSync(path))
    throw new UsageError(`expected the test file of data.test.split: file, got no ${path}; name it with --test FILE`);
  return { ...fileAt(path), name: testNameFor(training) };
}

/** As sha256sum writes it: what the upload holds is what was here. */
const readyListOf = (files: readonly SubmittedFile[]): string =>
  files.map(({ name, text }) => `${createHash('sha256').update(text()).digest('hex')}  ${name}\n`).join('');
