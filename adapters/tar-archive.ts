import { createHash } from 'node:crypto';
import { ArchiveInspector, type ArchiveLimits } from '../domain/archive/archive-inspector.ts';
import { TarWalker } from '../domain/archive/tar-walker.ts';
import type { Readable } from '../domain/stream.ts';
import { readGzipMember } from './gzip-member.ts';
import { NestedGzip } from './nested-gzip.ts';

/** One file of an archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is in an archive that may be unpacked. */
export interface InspectedArchive {
  /** In the archive's order. */
  readonly manifest: readonly ArchivedFile[];
  readonly findings: readonly string[];
  /** Contents of the files that were asked for, where they are there and small enough. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

/** Larger documents are not read: they are for people and small programs. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/**
 * Reads a tar.gz once, judging each entry; nothing is written.
 *
 * @param documents paths whose contents are wanted
 * @throws {ArtifactRefusedError} hostile, truncated, or no tar.gz at all
 */
export async function inspectTarGz(
  bytes: Readable,
  { limits, documents = [] }: { readonly limits?: ArchiveLimits; readonly documents?: readonly string[] } = {},
): Promise<InspectedArchive> {
  const inspection = new Inspection(limits, documents);
  try {
    await readGzipMember(bytes, (unpacked, packedBytes) => inspection.take(unpacked, packedBytes));
    return await inspection.finish();
  } finally {
    await inspection.abandon();
  }
}

class Inspection {
  readonly #walker = new TarWalker();
  readonly #inspector: ArchiveInspector;
  readonly #wanted: readonly string[];
  readonly #manifest: ArchivedFile[] = [];
  readonly #documents = new Map<string, Uint8Array>();
  #unpacked = 0;
  #file: { path: string; bytes: number; hash: ReturnType<typeof createHash>; kept: Uint8Array[] } | undefined;
  #nested: NestedGzip | undefined;

  constructor(limits: ArchiveLimits | undefined, wanted: readonly string[]) {
    this.#inspector = new ArchiveInspector(limits);
    this.#wanted = wanted;
  }

  async take(bytes: Uint8Array, packedBytes: number): Promise<void> {
    this.#unpacked += bytes.byteLength;
    this.#inspector.progress(packedBytes, this.#unpacked);
    for (const event of this.#walker.walk(bytes)) {
      if (event.kind === 'entry') this.#begin(event.type, this.#inspector.entry(event), event.bytes);
      else if (event.kind === 'content') await this.#content(event.bytes);
      else await this.#end();
    }
  }

  async finish(): Promise<InspectedArchive> {
    this.#walker.finish();
    const { findings } = this.#inspector.finish();
    return { manifest: this.#manifest, findings, documents: this.#documents };
  }

  async abandon(): Promise<void> {
    await this.#nested?.abandon();
  }

  #begin(type: 'file' | 'directory', path: string, bytes: number): void {
    if (type === 'directory') return;
    this.#file = { path, bytes, hash: createHash('sha256'), kept: [] };
    this.#nested = new NestedGzip((packed, unpacked) => this.#inspector.progress(packed, unpacked));
  }

  async #content(bytes: Uint8Array): Promise<void> {
    const file = this.#file!;
    file.hash.update(bytes);
    if (this.#wanted.includes(file.path) && file.bytes <= MAX_DOCUMENT_BYTES) file.kept.push(bytes.slice());
    await this.#nested!.write(bytes);
  }

  async #end(): Promise<void> {
    if (!this.#file) return;
    await this.#nested!.end();
    const { path, bytes, hash, kept } = this.#file;
    this.#manifest.push({ path, bytes, sha256: hash.digest('hex') });
    if (this.#wanted.includes(path) && bytes <= MAX_DOCUMENT_BYTES) this.#documents.set(path, Buffer.concat(kept));
    this.#file = undefined;
    this.#nested = undefined;
  }
}
