import { sha256Hex } from '../../adapters/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { PinnedFile, PinnedFiles } from '../../domain/intake/pinned-files.ts';
import { parseReadyList } from '../../domain/intake/ready-list.ts';
import { folderOf, nameOf, READY, reproducedBy, testNameFor } from '../../domain/intake/upload-key.ts';
import type { ModelRow, ObjectRef, QueuedUpload } from '../../domain/model.ts';
import { isNotUtf8 } from '../../domain/not-utf8.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';

const MAX_LIST_BYTES = 1024 * 1024;
/** Looked up at once. */
const AT_ONCE = 20;

type Pinned = { readonly upload: QueuedUpload } | { readonly problems: readonly string[] };

/**
 * Pins every file of a dataset that has several to the version that it has now: those that `_READY` lists, or the test file beside a
 * file to train on. What is uploaded under these names later belongs to the next dataset.
 *
 * @returns the upload with its files; or what is wrong with the list, or missing beside it
 */
export async function pinFiles(
  dependencies: AdmitUploadDependencies,
  { model, team, split }: ModelRow,
  upload: QueuedUpload,
): Promise<Pinned> {
  // What is trained on again was pinned then.
  if (reproducedBy(upload.dataset.key) !== undefined) return { upload };
  const found =
    nameOf(upload.dataset.key) === READY
      ? await listedFiles(dependencies, upload.dataset)
      : await filesBeside(dependencies, upload.dataset, split === 'file');
  if (found.problems.length > 0) return found;
  if (found.files.length === 0) return { upload };
  const { objects, buckets } = dependencies;
  const text = canonicalJson({ schema: 'launchway/pinned-files/v1', files: found.files } satisfies PinnedFiles);
  const sha256 = sha256Hex(text);
  const copy = { bucket: buckets.approved, key: `${team}/${model}/uploads/${sha256}/files.json`, sha256 };
  await objects.putOnce(copy, text, 'application/json');
  return { upload: { ...upload, files: copy } };
}

interface Found {
  readonly files: readonly PinnedFile[];
  readonly problems: readonly string[];
}

async function listedFiles({ objects }: AdmitUploadDependencies, list: ObjectRef): Promise<Found> {
  let text: string;
  try {
    text = await objects.readText(list, MAX_LIST_BYTES);
  } catch (error) {
    if (error instanceof RangeError) return refused(`${READY}: expected at most ${MAX_LIST_BYTES} bytes, got more`);
    if (isNotUtf8(error)) return refused(`${READY}: expected UTF-8 text, got another encoding or a binary file`);
    throw error;
  }
  const { files, problems } = parseReadyList(text);
  if (problems.length > 0) return { files: [], problems };
  const pinned: PinnedFile[] = [];
  const missing: string[] = [];
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const some = files.slice(from, from + AT_ONCE);
    const heads = await Promise.all(some.map(({ name }) => pin({ objects }, list, name)));
    for (const [i, file] of some.entries()) {
      if (heads[i]) pinned.push({ ...file, ...heads[i] });
      else missing.push(`${READY} lists ${file.name}, and it is not in ${folderOf(list.key)}`);
    }
  }
  return { files: pinned, problems: missing };
}

async function filesBeside(
  { objects }: Pick<AdmitUploadDependencies, 'objects'>,
  dataset: ObjectRef,
  needsTest: boolean,
): Promise<Found> {
  const name = testNameFor(nameOf(dataset.key));
  const test = await pin({ objects }, dataset, name);
  if (test) {
    const head = await objects.head(dataset);
    const train = { role: 'train' as const, name: nameOf(dataset.key), object: dataset, bytes: head?.bytes ?? 0 };
    return { files: [train, { role: 'test', name, ...test }], problems: [] };
  }
  return needsTest
    ? refused(
        `data.test.split is file, and there is no ${folderOf(dataset.key)}${name}: upload it first, then this file again`,
      )
    : { files: [], problems: [] };
}

const refused = (problem: string): Found => ({ files: [], problems: [problem] });

async function pin(
  { objects }: Pick<AdmitUploadDependencies, 'objects'>,
  { bucket, key }: ObjectRef,
  name: string,
): Promise<Pick<PinnedFile, 'object' | 'bytes'> | undefined> {
  const object = { bucket, key: `${folderOf(key)}${name}` };
  const head = await objects.head(object);
  if (!head) return undefined;
  return {
    object: { ...object, ...(head.versionId !== undefined && { versionId: head.versionId }) },
    bytes: head.bytes,
  };
}
