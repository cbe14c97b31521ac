import type { Timer } from '../../clock.ts';
import type { Principal } from '../../service.ts';
import type { BucketRecord, LifecycleRule, Version } from './records.ts';
import { deleteKey, type S3 } from './writing.ts';

const DAY = 86_400_000;

/** S3 acts for itself here: no policy is asked. */
const LIFECYCLE: Principal = { kind: 'service', arn: 's3.amazonaws.com' };

/**
 * Expires objects, noncurrent versions and unfinished uploads once a day, at midnight UTC of the local clock; S3 too counts from the
 * midnight after.
 */
export class Lifecycle {
  readonly #s3: S3;
  #timer: Timer | undefined;

  constructor(s3: S3) {
    this.#s3 = s3;
  }

  /** Does nothing while no bucket has a rule. Call again when one may have. */
  arm(): void {
    this.#timer?.cancel();
    const { cloud, state } = this.#s3;
    if (!state.buckets().some(({ lifecycle }) => lifecycle.length > 0)) return;
    const midnight = (Math.floor(cloud.clock.now() / DAY) + 1) * DAY;
    this.#timer = cloud.clock.at(midnight, async () => {
      this.arm();
      await cloud.track(this.#expire());
    });
  }

  async #expire(): Promise<void> {
    for (const bucket of this.#s3.state.buckets()) {
      for (const rule of bucket.lifecycle) {
        await this.#expireObjects(bucket, rule);
        await this.#abortUploads(bucket, rule);
      }
    }
  }

  async #expireObjects(bucket: BucketRecord, rule: LifecycleRule): Promise<void> {
    const { state } = this.#s3;
    for (const { key, versions } of state.objects(bucket.name, rule.prefix)) {
      for (const versionId of this.#expiredVersions(bucket, rule, versions)) {
        const target = { Bucket: bucket.name, Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
        await deleteKey(this.#s3, target, LIFECYCLE);
      }
    }
  }

  /** Versions to erase; `undefined` stands for the key itself, which a versioned bucket only hides. */
  #expiredVersions(bucket: BucketRecord, rule: LifecycleRule, versions: readonly Version[]): (string | undefined)[] {
    const [current, ...older] = versions;
    const kept = rule.newerNoncurrentVersions ?? 0;
    const expired: (string | undefined)[] = older
      // A version is noncurrent since the next newer one came.
      .filter((_, index) => index >= kept && this.#isPast(versions[index]!.lastModified, rule.noncurrentDays))
      .filter((version) => !this.#isLocked(version))
      .map(({ versionId }) => versionId);
    if (current?.deleteMarker && older.length === 0 && rule.expiredDeleteMarkers) expired.push(current.versionId);
    if (current && !current.deleteMarker && this.#isPast(current.lastModified, rule.expirationDays))
      expired.push(undefined);
    return bucket.versioning === undefined ? expired.filter((versionId) => versionId === undefined) : expired;
  }

  async #abortUploads({ name }: BucketRecord, rule: LifecycleRule): Promise<void> {
    const { cloud, state } = this.#s3;
    for (const upload of state.uploads(name)) {
      if (!upload.key.startsWith(rule.prefix) || !this.#isPast(upload.initiatedAt, rule.abortUploadsAfterDays))
        continue;
      await state.bodies.remove(cloud.store.transaction(() => state.deleteUpload(upload.uploadId)));
    }
  }

  /** What is locked stays, whatever a rule says. */
  #isLocked(version: Version): boolean {
    const { retention, legalHold } = version.deleteMarker ? {} : (version.lock ?? {});
    return legalHold === true || (retention !== undefined && retention.until > this.#s3.cloud.clock.now());
  }

  #isPast(since: number, days: number | undefined): boolean {
    return days !== undefined && since + days * DAY <= this.#s3.cloud.clock.now();
  }
}
