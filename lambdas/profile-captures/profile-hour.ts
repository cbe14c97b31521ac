import { createHash } from 'node:crypto';
import { addTallies, emptyTally } from '../../domain/capture/capture-layout.ts';
import { readCaptures } from '../../domain/capture/read-captures.ts';
import { type Baseline, profileOver } from '../../domain/drift/baseline.ts';
import { profileToJson } from '../../domain/drift/profile-json.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { profileKey, type Served } from '../../domain/monitoring/keys.ts';
import { inFlight } from './in-flight.ts';
import type { CapturedHour } from './list-hours.ts';
import type { ProfileCapturesDependencies } from './profile-captures.ts';

const FILES_IN_FLIGHT = 8;

/**
 * Counts all files of an hour over the baseline's bins and stores the profile, in place of the one that was `seen`.
 *
 * A file that was deleted since it was listed is counted as vanished; the next listing lacks it, so the hour is then profiled again.
 *
 * @returns records read, where this profile is the one that was kept
 */
export async function profileHour(
  { objects, monitoring, buckets, now }: ProfileCapturesDependencies,
  baseline: Baseline,
  scoreColumn: number,
  {
    hour,
    files,
    revision,
    served,
    seen,
  }: CapturedHour & { readonly served: Served; readonly seen: string | undefined },
): Promise<number> {
  const { profile, tally, vanishedFiles } = await countFiles(objects, files, baseline, scoreColumn);
  const text = profileToJson(profile);
  const key = profileKey(served, hour);
  const document = await objects.put({ bucket: buckets.artifacts, key }, text, 'application/json');
  const kept = await monitoring.saveProfile(
    {
      model: served.model,
      version: served.version,
      hour,
      revision,
      files: files.length,
      tally,
      vanishedFiles,
      document: { ...document, sha256: createHash('sha256').update(text).digest('hex') },
      profiledAt: now().toISOString(),
    },
    seen,
  );
  return kept ? tally.records : 0;
}

async function countFiles(
  objects: ProfileCapturesDependencies['objects'],
  files: CapturedHour['files'],
  baseline: Baseline,
  scoreColumn: number,
) {
  const builder = profileOver(baseline);
  const layout = { features: baseline.features.map(({ name }) => name), scoreColumn };
  let tally = emptyTally();
  let vanishedFiles = 0;
  await inFlight(files, FILES_IN_FLIGHT, async (file) => {
    try {
      const ofFile = await readCaptures(await objects.read(file), layout, builder);
      tally = addTallies(tally, ofFile);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      vanishedFiles += 1;
    }
  });
  return { profile: builder.profile, tally, vanishedFiles };
}
