import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { ArtifactRefusedError } from '../domain/errors.ts';

/** Of the optional fields of a header: a file's name, a comment. */
const MAX_HEADER_BYTES = 64 * 1024;
const TRAILER_BYTES = 8;

/** Flags of RFC 1952, 2.3.1. */
const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const RESERVED = 0xe0;

/**
 * Unpacks a file that is exactly one gzip member: nothing before it, no second member, nothing behind it. Readers disagree on
 * those, so what is inspected here would not be what another one unpacks.
 *
 * @param take is given the unpacked bytes, with how many packed ones were read by then
 * @throws {ArtifactRefusedError} anything else, or one that breaks off
 * @see RFC 1952
 */
export async function readGzipMember(
  packed: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array, packedBytes: number) => void | Promise<void>,
): Promise<void> {
  const source = packed[Symbol.asyncIterator]();
  const { headerBytes, rest } = await readHeader(source);
  const inflate = createInflateRaw();
  const fed = { bytes: 0, tail: Buffer.alloc(0) };
  const unpacked = { bytes: 0, crc: 0 };
  const feeding = feed(inflate, rest, source, fed);
  const taking = (async () => {
    for await (const bytes of inflate as AsyncIterable<Uint8Array>) {
      unpacked.bytes += bytes.byteLength;
      unpacked.crc = crc32(bytes, unpacked.crc);
      await take(bytes, headerBytes + fed.bytes);
    }
  })();
  try {
    await Promise.all([feeding, taking]);
  } catch (error) {
    inflate.destroy();
    await Promise.allSettled([feeding, taking]);
    if (isOfZlib(error)) throw refused('a complete one', `one that breaks off or is damaged (${error.message})`, error);
    throw error;
  }
  // What the inflater did not take: the trailer, and nothing else.
  const behind = fed.bytes - inflate.bytesWritten;
  if (behind < TRAILER_BYTES) throw refused('a complete one', 'one that breaks off');
  if (behind > TRAILER_BYTES) throw refused('one gzip member and nothing behind it', 'more');
  if (fed.tail.readUInt32LE(0) !== unpacked.crc || fed.tail.readUInt32LE(4) !== unpacked.bytes % 2 ** 32)
    throw refused('contents with the checksum and size that it ends with', 'others');
}

/** Gives the inflater all there is; it takes no more once its data have ended. */
async function feed(
  inflate: InflateRaw,
  first: Uint8Array,
  source: AsyncIterator<Uint8Array>,
  fed: { bytes: number; tail: Buffer },
): Promise<void> {
  const closed = new Promise<void>((resolve) => inflate.once('close', resolve));
  for (let chunk: Uint8Array | undefined = first; chunk; chunk = await nextChunk(source)) {
    const isOver = inflate.destroyed || inflate.bytesWritten < fed.bytes;
    fed.bytes += chunk.byteLength;
    fed.tail = Buffer.concat([fed.tail, chunk.subarray(-TRAILER_BYTES)]).subarray(-TRAILER_BYTES);
    // A write that fails is never answered: its error is what reading rejects with.
    if (!isOver) await Promise.race([new Promise<void>((resolve) => inflate.write(chunk, () => resolve())), closed]);
  }
  if (inflate.bytesWritten === fed.bytes) inflate.end();
}

async function readHeader(source: AsyncIterator<Uint8Array>) {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = headerEnd(bytes);
    if (end !== undefined) return { headerBytes: end, rest: bytes.subarray(end) };
    const chunk = await nextChunk(source);
    if (!chunk) throw refused('one', bytes.byteLength === 0 ? 'an empty file' : 'one that breaks off');
    if (bytes.byteLength > MAX_HEADER_BYTES) throw refused(`a header of at most ${MAX_HEADER_BYTES} bytes`, 'more');
    bytes = Buffer.concat([bytes, chunk]);
  }
}

/** @returns where the compressed data begin; undefined where more bytes are needed to say */
function headerEnd(bytes: Buffer): number | undefined {
  for (const [i, magic] of [0x1f, 0x8b, 8].entries())
    if (bytes.byteLength > i && bytes[i] !== magic) throw refused('one', 'another file');
  if (bytes.byteLength < 10) return undefined;
  const flags = bytes[3]!;
  if (flags & RESERVED) throw refused('one as RFC 1952 has it', 'reserved flags');
  let end = 10;
  if (flags & FEXTRA) {
    if (bytes.byteLength < end + 2) return undefined;
    end += 2 + bytes.readUInt16LE(end);
  }
  for (const flag of [FNAME, FCOMMENT]) {
    if (!(flags & flag)) continue;
    const nul = bytes.indexOf(0, end);
    if (nul === -1) return undefined;
    end = nul + 1;
  }
  if (flags & FHCRC) end += 2;
  return bytes.byteLength < end ? undefined : end;
}

async function nextChunk(source: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const { done, value } = await source.next();
  return done ? undefined : value;
}

/** By its code: an error of Node's own may be another realm's Error. */
const isOfZlib = (error: unknown): error is Error =>
  /^Z_/.test((error as NodeJS.ErrnoException | undefined)?.code ?? '');

const refused = (expected: string, got: string, cause?: Error): ArtifactRefusedError =>
  new ArtifactRefusedError(`expected a tar.gz archive: ${expected}, got ${got}`, {}, { cause });
