import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isPartName, isTestName, READY, testNameFor } from '../domain/intake/upload-key.ts';
import type { DatasetRole } from '../domain/step-results.ts';
import { UsageError } from './output.ts';

/** A file of a dataset on this disk. */
export interface LocalFile {
  readonly role: DatasetRole;
  /** As it is called once uploaded. */
  readonly name: string;
  readonly path: string;
}

/** A file as a submission takes it. */
export interface SubmittedFile {
  readonly name: string;
  text(): string | Uint8Array;
}

/** A dataset to upload: the file that starts its release, and what is put before it. */
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
 * Finds the files of a dataset: one, one with its test file, or the parts in a folder, in the order of their names.
 *
 * @param needsTest the model holds out rows by a file of their own
 * @throws {UsageError} no such file, or a folder that is no dataset
 */
export function filesAt({ data, test }: DataOptions, needsTest: boolean): LocalFile[] {
  if (!existsSync(data)) throw new UsageError(`expected a dataset to train on, got no file ${data}`);
  if (statSync(data).isDirectory()) return filesIn(data, test, needsTest);
  const train: LocalFile = { role: 'train', name: basename(data), path: data };
  if (test === undefined && !needsTest) return [train];
  return [train, testFileFor(train.name, test ?? join(dirname(data), testNameFor(data)))];
}

function filesIn(folder: string, test: string | undefined, needsTest: boolean): LocalFile[] {
  const names = readdirSync(folder)
    .filter((name) => /\.(csv|parquet)$/i.test(name))
    .sort();
  const parts = names.filter(isPartName);
  const [other, ...more] = names.filter((name) => !isPartName(name) && !isTestName(name));
  if (other !== undefined && parts.length + more.length === 0)
    return filesAt({ data: join(folder, other), ...(test !== undefined && { test }) }, needsTest || names.length > 1);
  if (parts.length === 0 || other !== undefined)
    throw new UsageError(
      `expected files named part-*.csv or part-*.parquet in ${folder} (and test.csv), got ${[other ?? 'none', ...more].join(', ')}`,
    );
  const own = names.find(isTestName);
  const testPath = test ?? (own === undefined ? undefined : join(folder, own));
  return [
    ...parts.map((name): LocalFile => ({ role: 'train', name, path: join(folder, name) })),
    ...(testPath === undefined ? [] : [testFileFor(parts[0]!, testPath)]),
  ];
}

function testFileFor(training: string, path: string): LocalFile {
  if (!existsSync(path))
    throw new UsageError(`expected the test file of data.test.split: file, got no ${path}; name it with --test FILE`);
  return { role: 'test', name: testNameFor(training), path };
}

/** The dataset as it is uploaded; parts get the list that comes last. @throws as filesAt */
export function datasetAt(options: DataOptions, needsTest: boolean): SubmittedDataset {
  const files = filesAt(options, needsTest).map(({ role, name, path }) => ({
    role,
    name,
    text: () => readFileSync(path),
  }));
  if (files.some(({ name }) => isPartName(name)))
    return { trainingFile: { name: READY, text: () => readyListOf(files) }, beside: files };
  const [trainingFile, ...beside] = files;
  return { trainingFile: trainingFile!, beside };
}

/** As sha256sum writes it: what the upload holds is what was here. */
const readyListOf = (files: readonly SubmittedFile[]): string =>
  files.map(({ name, text }) => `${createHash('sha256').update(text()).digest('hex')}  ${name}\n`).join('');
