import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';

/** Objects as files of a folder: what is measured is the function, not S3. */
export function folderObjectStore(root: string): ObjectStore {
  const at = ({ bucket, key }: ObjectRef) => join(root, bucket, key);
  const write = async (object: ObjectRef, body: Uint8Array | string) => {
    await mkdir(dirname(at(object)), { recursive: true });
    await writeFile(at(object), body);
    return { bucket: object.bucket, key: object.key };
  };
  return {
    read: async (object) => createReadStream(at(object)),
    readBytes: (object) => readFile(at(object)),
    readText: (object) => readFile(at(object), 'utf8'),
    head: async (object) => (existsSync(at(object)) ? { bytes: (await stat(at(object))).size, etag: '' } : undefined),
    put: write,
    putOnce: async (object, body) => {
      await write(object, body);
      return { created: true };
    },
    putFileOnce: async (object, path) => {
      await mkdir(dirname(at(object)), { recursive: true });
      await copyFile(path, at(object));
      return { created: true };
    },
    copy: async (from, to) => {
      await mkdir(dirname(at(to)), { recursive: true });
      await copyFile(at(from), at(to));
    },
    // biome-ignore lint/correctness/useYield: nothing that is measured lists
    list: async function* () {
      throw new Error('expected no listing');
    },
  };
}
