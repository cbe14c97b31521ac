import { createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry } from 'yauzl';
import type { Cloud, Principal } from '../../service.ts';
import { RoleS3 } from '../sagemaker/role-s3.ts';
import type { Build } from './build.ts';

const EXECUTABLE = 0o111;
const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/**
 * Brings a build's files to its folder: a zip archive, or every object of a folder.
 *
 * @param folder absolute, empty
 */
export async function downloadSource(cloud: Cloud, role: Principal, build: Build, folder: string): Promise<void> {
  const { type, location = '' } = build.source;
  if (type === 'NO_SOURCE') return;
  const slash = location.indexOf('/');
  const from = { bucket: location.slice(0, slash), key: location.slice(slash + 1) };
  const s3 = new RoleS3(cloud, role);
  if (from.key.endsWith('/')) {
    await s3.downloadPrefix(from, folder);
  } else {
    const archive = `${folder}.zip`;
    await s3.download(from, archive, build.sourceVersion);
    await unzip(archive, folder);
  }
  await letScriptsRun(folder);
}

/** @throws {Error} not a zip archive, or one whose paths leave the folder */
export async function unzip(archive: string, folder: string): Promise<void> {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) await extract(zip, entry, folder);
  } finally {
    zip.close();
  }
}

async function extract(zip: yauzl.ZipFile, entry: Entry, folder: string): Promise<void> {
  const file = resolve(folder, entry.fileName);
  if (!file.startsWith(resolve(folder) + sep))
    throw new Error(`expected paths within the source, got ${entry.fileName}`);
  if (entry.fileName.endsWith('/')) {
    await mkdir(file, { recursive: true });
    return;
  }
  const mode = entry.externalFileAttributes >>> 16;
  if ((mode & FILE_TYPE) === SYMBOLIC_LINK) throw new Error(`expected no symbolic links, got ${entry.fileName}`);
  await mkdir(dirname(file), { recursive: true });
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file));
  if (mode & EXECUTABLE) await chmod(file, 0o755);
}

/** Archives made on Windows have no mode: what begins with `#!` is meant to run. */
async function letScriptsRun(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const handle = await open(file);
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
    if (buffer.toString('latin1') === '#!') await chmod(file, 0o755);
  }
}
