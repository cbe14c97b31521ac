import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import type { Baseline } from '../../domain/drift/baseline.ts';
import { mergeProfiles, type NumericProfile, type Profile } from '../../domain/drift/profile.ts';
import { profileFromJson } from '../../domain/drift/profile-json.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ProfiledWindow } from '../../domain/monitoring/backtest.ts';
import { readBaseline } from '../../domain/monitoring/read-baseline.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { Connection } from '../connection.ts';
import { UsageError } from '../output.ts';

/** What monitoring stored of a version: enough to judge its windows again. */
export interface StoredWindows {
  readonly baseline: Baseline;
  readonly heldOut: NumericProfile | undefined;
  /** Oldest first. */
  readonly windows: readonly ProfiledWindow[];
}

const DAY_MS = 86_400_000;
/** More windows than any model has in the days that profiles are kept. */
const MOST_WINDOWS = 10_000;

/**
 * Reads the checked windows of the last days and the profiles of their hours. Captures are not read.
 *
 * @param days counted back from the end of the newest checked window
 * @throws {UsageError} no window was checked
 */
export async function storedWindows(
  { table, account, s3 }: Connection,
  version: VersionRow,
  days: number,
): Promise<StoredWindows> {
  const store = new DynamoDbMonitoringStore(table);
  const objects = new S3ObjectStore(account, s3);
  const text = (object: ObjectRef): Promise<string> => objects.readText(object);
  const checked = await store.lastWindows(version.model, version.version, MOST_WINDOWS);
  const newest = checked.at(-1);
  if (!newest) throw new UsageError(`expected checked windows of ${version.model}/v${version.version}, got none`);
  const from = Date.parse(newest.end) - days * DAY_MS;
  const windows: ProfiledWindow[] = [];
  for (const { start, end, coverage } of checked.filter((window) => Date.parse(window.start) >= from)) {
    let profile: Profile | undefined;
    for (const { document } of await store.listProfiles(version.model, version.version, { start, end })) {
      const hour = profileFromJson(await text(document));
      profile = profile ? mergeProfiles(profile, hour) : hour;
    }
    windows.push({ start, end, profile, ...(coverage !== undefined && { coverage }) });
  }
  const current = await store.currentBaseline(version.model, version.version);
  return { ...(await readBaseline(objects, version, current)), windows };
}
