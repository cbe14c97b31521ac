import { NotImplementedError, ServiceError } from '../../service.ts';
import { noSuchKey, preconditionFailed } from './errors.ts';
import type { ObjectVersion } from './records.ts';

interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: string | Date;
  readonly IfUnmodifiedSince?: string | Date;
}

/** RFC 9110's order: a match of entity tags outweighs the times. @throws {ServiceError} PreconditionFailed, NotModified */
export function checkRead(version: ObjectVersion, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!matchesTag(version, IfMatch)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && seconds(version.lastModified) > seconds(IfUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const unchanged =
    IfNoneMatch === undefined
      ? IfModifiedSince !== undefined && seconds(version.lastModified) <= seconds(IfModifiedSince)
      : matchesTag(version, IfNoneMatch);
  if (unchanged) throw new ServiceError('NotModified', 'Not Modified', 304, { ETag: `"${version.etag}"` });
}

/** A copy's source answers 412 where a read would answer 304. */
export function checkCopySource(version: ObjectVersion, input: Readonly<Record<string, string | undefined>>): void {
  const conditions: ReadConditions = Object.fromEntries(
    ['IfMatch', 'IfNoneMatch', 'IfModifiedSince', 'IfUnmodifiedSince']
      .filter((name) => input[`CopySource${name}`] !== undefined)
      .map((name) => [name, input[`CopySource${name}`]]),
  );
  try {
    checkRead(version, conditions);
  } catch (error) {
    throw (error as ServiceError).status === 304 ? preconditionFailed('x-amz-copy-source-If-None-Match') : error;
  }
}

/**
 * Conditional writes, judged in the same turn as the write itself.
 *
 * @param current the object there now; a delete marker counts as none
 * @throws {ServiceError} PreconditionFailed; NoSuchKey for If-Match where there is none
 */
export function checkWrite(
  current: ObjectVersion | undefined,
  { Key, IfMatch, IfNoneMatch }: { Key: string; IfMatch?: string; IfNoneMatch?: string },
): void {
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') throw new NotImplementedError(`s3:PutObject IfNoneMatch ${IfNoneMatch}`);
    if (current) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch === undefined) return;
  if (!current) throw noSuchKey(Key);
  if (!matchesTag(current, IfMatch)) throw preconditionFailed('If-Match');
}

const matchesTag = ({ etag }: ObjectVersion, wanted: string): boolean =>
  wanted.trim() === '*' || wanted.split(',').some((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', '') === etag);

/** HTTP dates have no milliseconds. */
const seconds = (time: number | string | Date): number => Math.floor(new Date(time).getTime() / 1000);

/**
 * @param range `bytes=0-9`, `bytes=5-`, `bytes=-3`
 * @returns first and last byte, inclusive; undefined where the header is not a range at all, which is ignored
 * @throws {ServiceError} InvalidRange
 */
export function bytesIn(range: string | undefined, size: number): { first: number; last: number } | undefined {
  if (range === undefined) return undefined;
  if (range.includes(',')) throw new NotImplementedError(`s3:GetObject Range ${range}`);
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first >= size || (from === '' && Number(to) === 0)) {
    throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: range,
      ActualObjectSize: size,
    });
  }
  return { first, last };
}
