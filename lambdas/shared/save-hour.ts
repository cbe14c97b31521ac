import { createHash } from 'node:crypto';
import { profileToJson } from '../../domain/drift/profile-json.ts';
import { profileKey, type Served } from '../../domain/monitoring/keys.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { Now, ObjectStore } from '../../domain/ports.ts';
import type { Counted } from './count-batch.ts';

export interface SaveHourDependencies {
  readonly monitoring: MonitoringStore;
  readonly objects: ObjectStore;
  readonly buckets: { readonly artifacts: string };
  readonly now: Now;
}

/** Which hour, and what was found there when it was listed. */
export interface HourSeen {
  readonly served: Omit<Served, 'endpointName'>;
  /** Its start, ISO 8601 UTC. */
  readonly hour: string;
  readonly revision: string;
  readonly files: number;
  /** Of these, that held the same bytes as another. */
  readonly repeatedFiles: number;
  /** The revision that the profile replaces; undefined where there is none yet. */
  readonly seen: string | undefined;
}

/**
 * Stores the profile of an hour in place of the one that was seen.
 *
 * @returns records, where this profile is the one that was kept
 */
export async function saveHour(
  { monitoring, objects, buckets, now }: SaveHourDependencies,
  { served, hour, revision, files, repeatedFiles, seen }: HourSeen,
  { profile, tally, vanishedFiles }: Counted,
): Promise<number> {
  const text = profileToJson(profile);
  const key = profileKey(served, hour);
  const document = await objects.put({ bucket: buckets.artifacts, key }, text, 'application/json');
  const row = {
    model: served.model,
    version: served.version,
    hour,
    revision,
    files,
    tally,
    vanishedFiles,
    repeatedFiles,
    document: { ...document, sha256: createHash('sha256').update(text).digest('hex') },
    profiledAt: now().toISOString(),
  };
  return (await monitoring.saveProfile(row, seen)) ? tally.records : 0;
}
