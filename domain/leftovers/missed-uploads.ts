import type { ReleaseLedger } from '../admission.ts';
import { classifyUpload, filedUnder } from '../intake/upload-key.ts';
import type { ObjectStore } from '../ports.ts';

/** An object of the intake bucket that nobody claimed: its notification was lost, or never came to an end. */
export interface MissedUpload {
  readonly key: string;
  readonly versionId: string;
  /** ISO 8601 UTC. */
  readonly uploadedAt: string;
}

const HOUR_MS = 3_600_000;
/** Younger ones may still be on their way: S3 tells within minutes, and a message that fails comes again within the hour. */
const OLDEST_ON_ITS_WAY_MS = HOUR_MS;
/** Older ones were reported for three days. */
const REPORTED_FOR_MS = 72 * HOUR_MS;

/** What else is in the bucket waits for another object, or leaves no claim: requests are answered to whoever asks. */
const CLAIMED = ['definition', 'source', 'artifact', 'data', 'labels', 'unknown'];

/**
 * Uploads of the last three days that became nothing, not even a refusal. Nothing is started for them: only S3's notification says who
 * uploaded, and a release without a submitter could be approved by whoever made it (A8).
 */
export async function findMissedUploads(
  {
    objects,
    ledger,
  }: { readonly objects: Pick<ObjectStore, 'list' | 'head'>; readonly ledger: Pick<ReleaseLedger, 'findClaim'> },
  bucket: string,
  at: Date,
): Promise<MissedUpload[]> {
  const missed: MissedUpload[] = [];
  for await (const { key, lastModified } of objects.list(bucket, 'models/')) {
    const age = at.getTime() - lastModified.getTime();
    if (age < OLDEST_ON_ITS_WAY_MS || age > REPORTED_FOR_MS || !CLAIMED.includes(classifyUpload(key).kind)) continue;
    const head = await objects.head({ bucket, key });
    const versionId = head?.versionId ?? 'null';
    // Deleted meanwhile: nobody waits for it.
    if (!head || (await ledger.findClaim(filedUnder(key), key, versionId))) continue;
    missed.push({ key, versionId, uploadedAt: lastModified.toISOString() });
  }
  return missed;
}
