import { paxRecords } from './pax-records.ts';
import { refused, shown } from './refused.ts';

/** What a tar archive says, in its own order. */
export type TarEvent =
  | { readonly kind: 'entry'; readonly name: string; readonly type: 'file' | 'directory'; readonly bytes: number }
  /** Contents of the last entry; valid until the next chunk is walked. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  | { readonly kind: 'entry-end' };

const BLOCK = 512;
/** A long name and its neighbours; nothing honest needs more. */
const MAX_EXTENSION_BYTES = 64 * 1024;

const LINKS: Readonly<Record<string, string>> = {
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '6': 'fifo',
  '7': 'contiguous file',
  S: 'sparse file',
  K: 'long link',
  M: 'continued file',
};

interface Header {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

/** A PAX header, a GNU long name, or nothing, before an entry. */
interface Extension {
  readonly kind: 'pax' | 'global' | 'long-name';
  readonly bytes: Uint8Array;
}

/**
 * Reads a tar archive strictly: whatever two readers could understand differently is refused, so that what was inspected is what
 * is unpacked wherever the archive goes. POSIX (ustar, PAX) and GNU headers with files and directories are understood; sizes are
 * octal, names are UTF-8 without NUL, checksums hold, the archive ends with its two empty blocks and nothing but padding follows.
 *
 * @see POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"
 */
export class TarWalker {
  #buffer = new Uint8Array(BLOCK);
  #held = 0;
  /** Contents still to come of the entry or extension at hand, and the padding after them. */
  #content = 0;
  #padding = 0;
  #extension: { readonly kind: Extension['kind']; readonly bytes: Uint8Array; filled: number } | undefined;
  #waiting: Extension | undefined;
  #inEntry = false;
  #emptyBlocks = 0;

  /** @throws {ArtifactRefusedError} */
  *walk(chunk: Uint8Array): Generator<TarEvent> {
    for (let at = 0; at < chunk.byteLength; ) {
      const rest = chunk.subarray(at);
      if (this.#content > 0) at += yield* this.#takeContent(rest);
      else if (this.#padding > 0) at += this.#skipPadding(rest);
      else at += yield* this.#takeBlock(rest);
    }
  }

  /** @throws {ArtifactRefusedError} the archive breaks off */
  finish(): void {
    if (this.#emptyBlocks < 2 || this.#held > 0) throw refused('expected a complete archive, got one that breaks off');
  }

  *#takeContent(rest: Uint8Array): Generator<TarEvent, number> {
    const bytes = rest.subarray(0, this.#content);
    this.#content -= bytes.byteLength;
    if (this.#extension) {
      this.#extension.bytes.set(bytes, this.#extension.filled);
      this.#extension.filled += bytes.byteLength;
    } else yield { kind: 'content', bytes };
    if (this.#content === 0) yield* this.#endContent();
    return bytes.byteLength;
  }

  *#endContent(): Generator<TarEvent> {
    if (this.#inEntry) yield { kind: 'entry-end' };
    this.#inEntry = false;
    if (!this.#extension) return;
    const { kind, bytes } = this.#extension;
    this.#extension = undefined;
    // What a global header says holds for every entry: only what decides nothing is taken, so nothing is kept.
    if (kind === 'global') assertHarmless(paxRecords(bytes));
    else this.#waiting = { kind, bytes };
  }

  #skipPadding(rest: Uint8Array): number {
    const skipped = Math.min(this.#padding, rest.byteLength);
    this.#padding -= skipped;
    return skipped;
  }

  *#takeBlock(rest: Uint8Array): Generator<TarEvent, number> {
    const taken = rest.subarray(0, BLOCK - this.#held);
    this.#buffer.set(taken, this.#held);
    this.#held += taken.byteLength;
    if (this.#held === BLOCK) {
      this.#held = 0;
      yield* this.#readBlock(this.#buffer);
    }
    return taken.byteLength;
  }

  *#readBlock(block: Uint8Array): Generator<TarEvent> {
    if (block.every((byte) => byte === 0)) {
      this.#emptyBlocks += 1;
      if (this.#waiting) throw refused('expected an entry after its long name, got the end of the archive');
      return;
    }
    if (this.#emptyBlocks > 0) throw refused('expected nothing after the end of the archive, got more');
    const header = readHeader(block);
    this.#content = header.bytes;
    this.#padding = (BLOCK - (header.bytes % BLOCK)) % BLOCK;
    const kind = EXTENSIONS[header.type];
    if (kind) this.#beginExtension(kind, header.bytes);
    else yield* this.#beginEntry(header);
  }

  #beginExtension(kind: Extension['kind'], bytes: number): void {
    if (this.#waiting) throw refused('expected one long name or PAX header before an entry, got two');
    if (bytes === 0 || bytes > MAX_EXTENSION_BYTES)
      throw refused(`expected a long name or PAX header of 1 to ${MAX_EXTENSION_BYTES} bytes, got ${bytes}`);
    this.#extension = { kind, bytes: new Uint8Array(bytes), filled: 0 };
  }

  *#beginEntry({ name: short, type, bytes }: Header): Generator<TarEvent> {
    const name = this.#waiting ? extendedName(this.#waiting, short, bytes) : short;
    this.#waiting = undefined;
    if (type !== '0' && type !== '\0' && type !== '5')
      throw refused(
        `expected files and directories only, got a ${LINKS[type] ?? 'special entry'} named "${shown(name)}"`,
      );
    const isDirectory = type === '5';
    if (isDirectory && bytes > 0)
      throw refused(`expected a directory without contents, got "${shown(name)}" with some`);
    // Some readers take it for a directory, some for a file.
    if (!isDirectory && name.endsWith('/')) throw refused(`expected a file's name, got "${shown(name)}"`);
    yield { kind: 'entry', name, type: isDirectory ? 'directory' : 'file', bytes };
    this.#inEntry = bytes > 0;
    if (bytes === 0) yield { kind: 'entry-end' };
  }
}

const EXTENSIONS: Readonly<Record<string, Extension['kind']>> = { x: 'pax', g: 'global', L: 'long-name' };

function readHeader(block: Uint8Array): Header {
  assertChecksum(block);
  const magic = latin1(block.subarray(257, 265));
  const isPosix = magic === 'ustar\x0000';
  if (!isPosix && magic !== 'ustar  \0')
    throw refused('expected a tar archive in ustar, PAX or GNU format, got another');
  const name = textField(block.subarray(0, 100));
  // GNU keeps times where POSIX has the beginning of a long name.
  const prefix = isPosix ? textField(block.subarray(345, 500)) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: latin1(block.subarray(156, 157)),
    bytes: octal(block.subarray(124, 136), 'size'),
  };
}

function assertChecksum(block: Uint8Array): void {
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (octal(block.subarray(148, 156), 'checksum') !== sum)
    throw refused('expected a tar archive, got a header whose checksum does not hold');
}

/** Octal digits only: a number in base 256 means more than any model may have, or hides how much there is. */
function octal(field: Uint8Array, what: string): number {
  const match = /^ *([0-7]+)[ \0]*$/.exec(latin1(field));
  if (!match) throw refused(`expected the ${what} of an entry in octal digits, got something else`);
  return Number.parseInt(match[1]!, 8);
}

/** Ends at the first NUL, and nothing hides behind it. */
function textField(field: Uint8Array): string {
  const end = field.indexOf(0);
  if (end === -1) return utf8(field);
  if (field.subarray(end).some((byte) => byte !== 0))
    throw refused('expected a name without NUL, got one with more behind it');
  return utf8(field.subarray(0, end));
}

function extendedName({ kind, bytes }: Extension, short: string, size: number): string {
  if (kind === 'long-name') {
    const end = bytes.indexOf(0);
    if (end !== bytes.byteLength - 1) throw refused('expected a long name that ends with its only NUL, got another');
    return utf8(bytes.subarray(0, end));
  }
  const records = paxRecords(bytes);
  assertNotSparse(records);
  const said = records.get('size');
  if (said !== undefined && said !== String(size))
    throw refused(`expected one size of "${shown(short)}", got ${size} and ${shown(said)}`);
  return records.get('path') ?? short;
}

function assertNotSparse(records: ReadonlyMap<string, string>): void {
  const key = [...records.keys()].find((name) => name.startsWith('GNU.sparse.') || name === 'linkpath');
  if (key !== undefined) throw refused(`expected files and directories only, got an entry with ${shown(key)}`);
}

function assertHarmless(records: ReadonlyMap<string, string>): void {
  assertNotSparse(records);
  const key = ['path', 'size'].find((name) => records.has(name));
  if (key !== undefined) throw refused(`expected a ${key} for each entry, got one for all of them`);
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('expected names in UTF-8, got other bytes');
  }
}
