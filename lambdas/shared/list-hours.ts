import { createHash } from 'node:crypto';
import type { TimeWindow } from '../../domain/drift/persistence.ts';
import type { CaptureFile } from '../../domain/monitoring/capture-batches.ts';
import { captureDayPrefix, hourOfCapture, type Served } from '../../domain/monitoring/keys.ts';
import type { ObjectStore } from '../../domain/ports.ts';

/** The capture files of one hour. */
export interface CapturedHour {
  /** Its start, ISO 8601 UTC. */
  readonly hour: string;
  readonly files: readonly CaptureFile[];
  /** Hex SHA-256 of names and sizes: the same for the same files, however often they are announced. */
  readonly revision: string;
}

const DAY_MS = 86_400_000;

/** Hours in a stretch of time that have capture files, oldest first; one listing per day. */
export async function listHours(
  objects: ObjectStore,
  bucket: string,
  served: Served,
  { start, end }: TimeWindow,
): Promise<CapturedHour[]> {
  const byHour = new Map<string, CaptureFile[]>();
  const firstDay = Date.parse(`${start.slice(0, 10)}T00:00:00.000Z`);
  for (let day = firstDay; day < Date.parse(end); day += DAY_MS) {
    const prefix = captureDayPrefix(served, new Date(day).toISOString());
    for await (const { key, bytes } of objects.list(bucket, prefix)) {
      const hour = hourOfCapture(key);
      if (hour === undefined || hour < start || hour >= end) continue;
      const files = byHour.get(hour);
      if (files) files.push({ key, bytes });
      else byHour.set(hour, [{ key, bytes }]);
    }
  }
  return [...byHour]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hour, files]) => ({
      hour,
      files,
      revision: createHash('sha256')
        .update(
          files
            .map(({ key, bytes }) => `${key} ${bytes}\n`)
            .sort()
            .join(''),
        )
        .digest('hex'),
    }));
}
