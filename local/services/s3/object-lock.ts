import { ServiceError } from '../../service.ts';
import { invalidArgument } from './errors.ts';
import type { BucketRecord, ObjectVersion, Retention } from './records.ts';

const DAY = 86_400_000;

/** Longest default retention. */
const MOST_DAYS = 36_500;
const MOST_YEARS = 100;

/** Members with which a write says how long its object stays. */
export const LOCK_MEMBERS = ['ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockLegalHoldStatus'] as const;

type Lock = NonNullable<ObjectVersion['lock']>;

/** An operation's input, as far as it is read here. */
// biome-ignore lint/suspicious/noExplicitAny: members are the API's own, checked where they are read
type Input = any;

export const notLockable = (): ServiceError =>
  new ServiceError('InvalidRequest', 'Bucket is missing Object Lock Configuration');

/**
 * What a new object of a bucket is held by: what its write says, or else the bucket's default.
 *
 * @param now milliseconds since the epoch
 * @throws {ServiceError} InvalidRequest, InvalidArgument
 */
export function lockFor({ objectLock }: BucketRecord, input: Input, now: number): Pick<ObjectVersion, 'lock'> {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  if ((mode ?? until ?? hold) !== undefined && !objectLock) throw notLockable();
  const retention = mode === undefined && until === undefined ? undefined : retentionIn(mode, until, now);
  const kept = retention ?? (objectLock?.defaultRetention && startingNow(objectLock.defaultRetention, now));
  const lock: Lock = { ...(kept && { retention: kept }), ...(hold !== undefined && { legalHold: isOn(hold) }) };
  return Object.keys(lock).length > 0 ? { lock } : {};
}

/** @throws {ServiceError} InvalidArgument: one without the other, an unknown mode, a date that is past */
export function retentionIn(mode: unknown, until: unknown, now: number): Retention {
  if (mode === undefined || until === undefined) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      'x-amz-object-lock-mode',
    );
  }
  const time = new Date(typeof until === 'number' ? until * 1000 : (until as string | Date)).getTime();
  if (Number.isNaN(time))
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', 'RetainUntilDate');
  if (time <= now) throw invalidArgument('The retain until date must be in the future!', 'RetainUntilDate');
  return { mode: modeIn(mode), until: time };
}

function modeIn(mode: unknown): Retention['mode'] {
  if (mode === 'GOVERNANCE' || mode === 'COMPLIANCE') return mode;
  throw invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode');
}

/** @throws {ServiceError} MalformedXML */
export function isOn(status: unknown): boolean {
  if (status === 'ON' || status === 'OFF') return status === 'ON';
  throw new ServiceError('MalformedXML', `expected a legal hold of ON or OFF, got ${status}`);
}

type DefaultRetention = NonNullable<NonNullable<BucketRecord['objectLock']>['defaultRetention']>;

/** @throws {ServiceError} MalformedXML, InvalidArgument */
export function defaultRetentionIn(rule: Input): DefaultRetention | undefined {
  const given = rule?.DefaultRetention;
  if (given === undefined) return undefined;
  const [unit, most] = given.Days === undefined ? (['Years', MOST_YEARS] as const) : (['Days', MOST_DAYS] as const);
  if ((given.Days === undefined) === (given.Years === undefined)) {
    throw new ServiceError('MalformedXML', 'expected exactly one of Days and Years');
  }
  const period = Number(given[unit]);
  if (!Number.isInteger(period) || period < 1 || period > most) {
    throw invalidArgument(`Default retention period must be a positive integer value of at most ${most}.`, unit);
  }
  return { mode: modeIn(given.Mode), ...(unit === 'Days' ? { days: period } : { years: period }) };
}

function startingNow({ mode, days, years }: DefaultRetention, now: number): Retention {
  const until = new Date(now + (days ?? 0) * DAY);
  until.setUTCFullYear(until.getUTCFullYear() + (years ?? 0));
  return { mode, until: until.getTime() };
}

/**
 * Refuses to take away a version that is held.
 *
 * @param bypass whether the caller asks for, and may, override a retention of mode GOVERNANCE
 * @throws {ServiceError} AccessDenied
 */
export function checkUnlocked(version: ObjectVersion, now: number, bypass: boolean): void {
  const { retention, legalHold } = version.lock ?? {};
  const retained = retention !== undefined && retention.until > now && !(bypass && retention.mode === 'GOVERNANCE');
  if (retained || legalHold) throw locked();
}

/**
 * Refuses a retention that would let go sooner.
 *
 * @throws {ServiceError} AccessDenied
 */
export function checkRetentionChange(
  before: Retention | undefined,
  after: Retention | undefined,
  now: number,
  bypass: boolean,
): void {
  if (!before || before.until <= now || (bypass && before.mode === 'GOVERNANCE')) return;
  const stricter = after && after.until >= before.until && (after.mode === before.mode || after.mode === 'COMPLIANCE');
  if (!stricter) throw locked();
}

const locked = (): ServiceError =>
  new ServiceError('AccessDenied', 'Access Denied because object protected by object lock.', 403);
