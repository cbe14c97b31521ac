import { createHash } from 'node:crypto';
import { withScratchFolder } from '../../adapters/scratch-folder.ts';
import { fileBeside, PinnedFiles, type SealedFiles } from '../../adapters/sealed-files.ts';
import { sha256Hex } from '../../adapters/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import type { PinnedFile } from '../../domain/intake/pinned-files.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { SealedDataset } from '../../domain/step-results.ts';
import { MAX_DATASET_BYTES, showBytes } from '../../domain/tabular/size-limits.ts';

/**
 * Copies the pinned files of a dataset to write-once keys under one digest: that of the list of their roles, names and digests.
 *
 * @throws {DatasetRefusedError} names the file that is gone, empty, too large, or not what its list said
 */
export async function sealFiles(
  objects: ObjectStore,
  bucket: string,
  pinned: ObjectRef,
  datasets: string,
): Promise<Pick<SealedDataset, 'object' | 'bytes' | 'files'>> {
  const { files } = PinnedFiles.parse(JSON.parse(await objects.readText(pinned)));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > MAX_DATASET_BYTES)
    throw new DatasetRefusedError(
      `expected at most ${showBytes(MAX_DATASET_BYTES)} in all files together, got ${showBytes(bytes)}; train on a sample`,
    );
  const hashed: (PinnedFile & { readonly sha256: string })[] = [];
  for (const file of files) hashed.push({ ...file, sha256: await digestOfFile(objects, file) });
  const list = canonicalJson({
    schema: 'launchway/dataset/v1',
    files: hashed.map(({ role, name, sha256, bytes: size }) => ({ role, name, sha256, bytes: size })),
  } satisfies SealedFiles);
  const sha256 = sha256Hex(list);
  const object = { bucket, key: `${datasets}/${sha256}/dataset.json`, sha256 };
  for (const file of hashed) await copyOnce(objects, file, fileBeside(object, file.name));
  // Last: where the list is, its files are.
  await objects.putOnce(object, list, 'application/json');
  return { object, bytes, files: files.length };
}

/** @throws {DatasetRefusedError} gone, empty, or other bytes than its list says */
async function digestOfFile(objects: ObjectStore, { name, object, sha256 }: PinnedFile): Promise<string> {
  const head = await objects.head(object);
  if (!head)
    throw new DatasetRefusedError(
      `expected ${name} (version ${object.versionId}), got no such object: it was deleted after its upload`,
    );
  if (head.bytes === 0) throw new DatasetRefusedError(`expected data in ${name}, got an empty file`);
  const hash = createHash('sha256');
  for await (const chunk of await objects.read(object)) hash.update(chunk);
  const found = hash.digest('hex');
  if (sha256 !== undefined && found !== sha256)
    throw new DatasetRefusedError(
      `${name} is not the file that its list names: expected sha256 ${sha256}, got ${found}; it was changed, or not uploaded whole`,
    );
  return found;
}

const copyOnce = (objects: ObjectStore, file: PinnedFile, to: ObjectRef): Promise<unknown> =>
  withScratchFolder(async (folder) => {
    const kept = await folder.keep('file', await objects.read(file.object), MAX_DATASET_BYTES);
    await objects.putFileOnce(to, kept.path, contentTypeOf(file.name));
  });

export const extensionOf = (key: string): '.csv' | '.parquet' => (/\.parquet$/i.test(key) ? '.parquet' : '.csv');

export const contentTypeOf = (key: string): string =>
  extensionOf(key) === '.parquet' ? 'application/vnd.apache.parquet' : 'text/csv';
