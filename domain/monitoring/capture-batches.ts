/** What one function call reads at most: seconds of work, and small enough to be tried again. */
export const BATCH_BYTES = 256 * 1024 ** 2;

/** What profile-captures reads by itself in one call; hours beyond that go to profile-hour, batch by batch. */
export const HOURS_AT_ONCE_BYTES = 1024 ** 3;

export interface CaptureFile {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Cuts the files of an hour into batches: in the order of their keys, as many as fit; a file larger than a batch is one by itself.
 *
 * An hour's profile is the sum of its batches' profiles in this order, whoever counted them, so that rounding is the same too.
 *
 * @param most bytes of a batch
 */
export function planBatches(files: readonly CaptureFile[], most: number): CaptureFile[][] {
  const batches: CaptureFile[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of [...files].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (bytes + file.bytes > most) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(file);
    bytes += file.bytes;
  }
  return batches;
}
