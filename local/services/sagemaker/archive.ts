import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { pack as tar, extract as untar } from 'tar-stream';

const EPOCH = new Date(0);
/** Above these an archive is a bomb, not a model. */
const MOST_ENTRIES = 100_000;
const MOST_BYTES = 20 * 2 ** 30;

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** Files below a directory as relative paths with `/`, sorted by code point; links are not followed. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Packs the files of one or more directories; the same files give the same bytes (sorted, no times, no owners).
 *
 * @param directories where several have a file of the same name, the first one's is taken
 */
export async function packDirectories(directories: readonly string[], archive: string): Promise<void> {
  const files = new Map<string, string>();
  for (const directory of directories) {
    for (const name of await filesBelow(directory)) if (!files.has(name)) files.set(name, join(directory, name));
  }
  const pack = tar();
  const written = pipeline(pack, createGzip({ level: 6 }), createWriteStream(archive));
  for (const name of [...files.keys()].sort()) await addFile(pack, files.get(name)!, name);
  pack.finalize();
  await written;
}

async function addFile(pack: ReturnType<typeof tar>, file: string, name: string): Promise<void> {
  const { size, mode } = await stat(file);
  const entry = pack.entry({ name, size, mtime: EPOCH, uid: 0, gid: 0, mode: mode & 0o100 ? 0o755 : 0o644 });
  await pipeline(createReadStream(file), entry);
}

/**
 * Extracts a model archive. Model archives are data from outside: only plain files and directories inside the target are taken.
 *
 * @throws {ArchiveError} for links, devices, absolute paths, `..`, or more than 20 GiB or 100,000 entries
 */
export async function extractArchive(archive: Readable, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const entries = untar();
  const fed = pipeline(archive, createGunzip(), entries);
  let count = 0;
  let bytes = 0;
  const taken = (async () => {
    for await (const entry of entries) {
      const { name, type, size = 0 } = entry.header;
      if (++count > MOST_ENTRIES) throw new ArchiveError(`expected at most ${MOST_ENTRIES} entries`);
      bytes += size;
      if (bytes > MOST_BYTES) throw new ArchiveError(`expected at most ${MOST_BYTES} bytes unpacked`);
      await takeEntry(entry as unknown as Readable, safePath(directory, name), type ?? 'file', name);
    }
  })();
  await Promise.all([fed, taken]);
}

function safePath(directory: string, name: string): string {
  const path = normalize(name);
  if (path.startsWith('/') || path.split('/').includes('..') || name.includes('\0')) {
    throw new ArchiveError(`expected paths inside the archive, got '${name}'`);
  }
  return join(directory, path);
}

async function takeEntry(entry: Readable, path: string, type: string, name: string): Promise<void> {
  if (type === 'directory') {
    await mkdir(path, { recursive: true });
    entry.resume();
  } else if (type === 'file' || type === 'contiguous-file') {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(entry, createWriteStream(path));
  } else if (type === 'pax-header' || type === 'pax-global-header') {
    entry.resume();
  } else {
    throw new ArchiveError(`expected files and directories, got a ${type} at '${name}'`);
  }
}
