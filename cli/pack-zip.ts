import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { UsageError } from './output.ts';

/** Left out: caches and what version control keeps. */
const IGNORED = /(^|\/)(__pycache__|\.git|\.venv|node_modules|\.DS_Store)(\/|$)/;
const MOST_BYTES = 200 * 1024 * 1024;
/** As many as an archive without zip64 has room for. */
const MOST_FILES = 65_535;
const EXECUTABLE = 0o111;

/** 1 January 1980, where a zip's time begins: equal files make equal archives. */
const TIME = Buffer.from([0, 0, 0x21, 0]);

/**
 * A folder as a zip archive, which is what CodeBuild unpacks: sorted, without times, with what may be run.
 *
 * @throws {UsageError} nothing in it, more than 200 MB or 65,535 files, or a symbolic link
 * @see PKWARE, .ZIP File Format Specification, 4.3
 */
export function packZip(folder: string): Buffer {
  const entries = filesOf(folder).map(({ file, mode }) => entryOf(file, readFileSync(join(folder, file)), mode));
  let offset = 0;
  const directory = entries.map(({ local, name, common, mode }) => {
    const place = Buffer.alloc(14);
    place.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 6);
    place.writeUInt32LE(offset, 10);
    offset += local.length;
    // Made on Unix, so that the mode counts.
    return Buffer.concat([Buffer.from('504b01021403', 'hex'), common, place, name]);
  });
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...entries.map(({ local }) => local), index, Buffer.from('504b0506', 'hex'), end]);
}

function filesOf(folder: string): { readonly file: string; readonly mode: number }[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !IGNORED.test(file))
    .sort()
    .map((file) => ({ file, stats: lstatSync(join(folder, file)) }));
  const link = found.find(({ stats }) => stats.isSymbolicLink());
  // What it points at may lie outside, and would be uploaded.
  if (link) throw new UsageError(`expected no symbolic link in ${folder}, got ${link.file}`);
  const files = found.filter(({ stats }) => stats.isFile());
  if (files.length === 0) throw new UsageError(`expected files in ${folder}, got none`);
  if (files.length > MOST_FILES)
    throw new UsageError(`expected at most ${MOST_FILES} files in ${folder}, got ${files.length}`);
  const total = files.reduce((sum, { stats }) => sum + stats.size, 0);
  if (total > MOST_BYTES) throw new UsageError(`expected at most ${MOST_BYTES} bytes in ${folder}, got ${total}`);
  return files.map(({ file, stats: { mode } }) => ({ file, mode }));
}

function entryOf(file: string, content: Buffer, mode: number) {
  const [name, data] = [Buffer.from(file), deflateRawSync(content, { level: 9 })];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x800, 2); // names are UTF-8
  common.writeUInt16LE(8, 4); // deflate
  TIME.copy(common, 6);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, name, data]);
  return { local, name, common, mode: mode & EXECUTABLE ? 0o755 : 0o644 };
}
