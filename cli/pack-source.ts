import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** Left out of a source archive: caches and what version control keeps. */
const IGNORED = /(^|\/)(__pycache__|\.git|\.venv|node_modules|\.DS_Store)(\/|$)/;

/**
 * A folder as source archive: sorted and without times or owners, so equal sources have equal digests.
 *
 * @param leftOut paths within the folder that are left out as well
 * @param rewritten files whose text is another in the archive
 */
export async function packSource(
  folder: string,
  leftOut?: RegExp,
  rewritten: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const archive = pack();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !IGNORED.test(file) && !leftOut?.test(file) && statSync(join(folder, file)).isFile())
    .sort();
  for (const file of files)
    archive.entry(
      { name: file, mtime: new Date(0), mode: 0o644 },
      Object.hasOwn(rewritten, file) ? rewritten[file]! : readFileSync(join(folder, file)),
    );
  archive.finalize();
  return buffer(archive.pipe(createGzip({ level: 9 })));
}
