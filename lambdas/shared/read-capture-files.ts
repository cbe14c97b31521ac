import { addTallies, type CaptureLayout, type CaptureTally, emptyTally } from '../../domain/capture/capture-layout.ts';
import { type RecordSink, readCaptures } from '../../domain/capture/read-captures.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { Readable } from '../../domain/stream.ts';

/** Files asked for before they are read: one answers while others are on their way. */
const FILES_IN_FLIGHT = 8;

/**
 * Reads capture files one after the other, in the order of their keys. A file that was deleted since it was listed has no
 * predictions any more.
 *
 * @returns what was read of all of them
 */
export async function readCaptureFiles(
  objects: Pick<ObjectStore, 'read'>,
  bucket: string,
  keys: readonly string[],
  layout: CaptureLayout,
  sink: RecordSink,
): Promise<CaptureTally> {
  let tally = emptyTally();
  const asked: Promise<Readable | Error>[] = [];
  const ask = (key: string): void => {
    asked.push(objects.read({ bucket, key }).catch((error: Error) => error));
  };
  keys.slice(0, FILES_IN_FLIGHT).forEach(ask);
  for (let i = 0; i < keys.length; i++) {
    const file = await asked[i]!;
    if (file instanceof Error && !(file instanceof NotFoundError)) throw file;
    if (!(file instanceof Error)) tally = addTallies(tally, await readCaptures(file, layout, sink));
    const next = keys[i + FILES_IN_FLIGHT];
    if (next !== undefined) ask(next);
  }
  return tally;
}
