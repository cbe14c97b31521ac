import { createHash } from 'node:crypto';
import { NotFoundError } from '../../domain/errors.ts';
import type { CaptureFile } from '../../domain/monitoring/capture-batches.ts';
import type { ObjectStore } from '../../domain/ports.ts';

/** Files that are read at once. */
const AT_ONCE = 8;

/**
 * The files of an hour without those that hold the same bytes as another, whatever they are called: every record has an id of its
 * own, so the same bytes are one delivery. Only files of one size are read for it.
 *
 * @returns of equal files the first by key, and how many others there are
 */
export async function distinctFiles(
  objects: Pick<ObjectStore, 'read'>,
  bucket: string,
  files: readonly CaptureFile[],
): Promise<{ readonly files: readonly CaptureFile[]; readonly repeatedFiles: number }> {
  const repeated = new Set<CaptureFile>();
  const ofSize = Map.groupBy(files, ({ bytes }) => bytes);
  for (const [bytes, same] of ofSize) {
    if (bytes === 0 || same.length === 1) continue;
    const seen = new Set<string>();
    const ordered = [...same].sort((a, b) => (a.key < b.key ? -1 : 1));
    for (let at = 0; at < ordered.length; at += AT_ONCE) {
      const some = ordered.slice(at, at + AT_ONCE);
      const digests = await Promise.all(some.map(({ key }) => digestOf(objects, bucket, key)));
      digests.forEach((digest, i) => {
        if (digest !== undefined && seen.has(digest)) repeated.add(some[i]!);
        else if (digest !== undefined) seen.add(digest);
      });
    }
  }
  return { files: files.filter((file) => !repeated.has(file)), repeatedFiles: repeated.size };
}

/** @returns undefined where it is gone: whoever counts it says so */
async function digestOf(objects: Pick<ObjectStore, 'read'>, bucket: string, key: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of await objects.read({ bucket, key })) hash.update(chunk);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  return hash.digest('hex');
}
