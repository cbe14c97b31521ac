/** How an object is cut into requests. */
export interface Cut {
  /** `undefined`: the whole object is one request. */
  readonly split: 'Line' | undefined;
  readonly strategy: 'MultiRecord' | 'SingleRecord';
  /** Bytes of one request. */
  readonly maxBytes: number;
}

export class PayloadTooLargeError extends Error {
  override readonly name = 'PayloadTooLargeError';
}

const NEWLINE = 10;

/**
 * Cuts an object into request payloads; records keep their newline.
 *
 * @throws {PayloadTooLargeError} where one record, or an object that is not split, is larger than a request may be
 */
export async function* batches(object: AsyncIterable<Uint8Array>, cut: Cut): AsyncGenerator<Buffer> {
  if (cut.split === undefined) {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of object) {
      bytes += chunk.length;
      requireFit(bytes, cut);
      chunks.push(chunk);
    }
    if (bytes > 0) yield Buffer.concat(chunks);
    return;
  }
  let batch: Buffer[] = [];
  let bytes = 0;
  for await (const line of lines(object, cut)) {
    if (bytes > 0 && (cut.strategy === 'SingleRecord' || bytes + line.length > cut.maxBytes)) {
      yield Buffer.concat(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += line.length;
  }
  if (bytes > 0) yield Buffer.concat(batch);
}

async function* lines(object: AsyncIterable<Uint8Array>, cut: Cut): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of object) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      requireFit(at + 1 - from, cut);
      yield bytes.subarray(from, at + 1);
      from = at + 1;
    }
    rest = bytes.subarray(from);
    requireFit(rest.length, cut);
  }
  if (rest.length > 0) yield rest;
}

function requireFit(bytes: number, cut: Cut): void {
  if (bytes > cut.maxBytes) {
    throw new PayloadTooLargeError(
      `expected records of at most ${cut.maxBytes} bytes (MaxPayloadInMB), got ${bytes} or more`,
    );
  }
}
