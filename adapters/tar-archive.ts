import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ArchiveInspector, type ArchiveLimits } from '../domain/archive/archive-inspector.ts';
import { ArtifactRefusedError, PipelineError } from '../domain/errors.ts';
import type { Readable as ByteStream } from '../domain/stream.ts';

/**
 * Reads a tar.gz once, judging each entry; contents are skipped, nothing is written.
 *
 * @throws {ArtifactRefusedError} hostile, truncated, or no tar.gz at all
 */
export async function inspectTarGz(bytes: ByteStream, limits?: ArchiveLimits) {
  const inspector = new ArchiveInspector(limits);
  let packed = 0;
  let unpacked = 0;
  const tar = extract();
  tar.on('entry', (header, content, next) => {
    // Destroying the archive destroys the entry with the same error, which the pipeline reports.
    content.on('error', () => {});
    try {
      inspector.entry({ name: header.name, type: header.type ?? 'file', bytes: header.size ?? 0 });
    } catch (error) {
      tar.destroy(error as Error);
      return;
    }
    content.on('end', next);
    content.resume();
  });
  try {
    await pipeline(
      Readable.from(bytes),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          packed += chunk.byteLength;
          yield chunk;
        }
      },
      createGunzip(),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          unpacked += chunk.byteLength;
          inspector.progress(packed, unpacked);
          yield chunk;
        }
      },
      tar,
    );
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw new ArtifactRefusedError(
      `expected a complete tar.gz archive, got: ${(error as Error).message}`,
      {},
      { cause: error },
    );
  }
  return inspector.finish();
}
