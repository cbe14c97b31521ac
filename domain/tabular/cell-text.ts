/** What a typed column holds, as far as it decides the text of its values. */
export type CellType =
  | { readonly kind: 'boolean' | 'float' | 'double' | 'half' | 'text' | 'uuid' | 'date' }
  | { readonly kind: 'integer'; readonly unsignedBits?: 32 | 64 }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  /** `utc`: an instant; otherwise a time of day without a zone. */
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean };

export type TimeUnit = 'MILLIS' | 'MICROS' | 'NANOS';

/** Digits after the second. */
const DIGITS: Readonly<Record<TimeUnit, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

const SECONDS_A_DAY = 86_400n;

/**
 * The text that a CSV file would hold for a typed value: what channels, requests and captures hold.
 *
 * null and NaN are missing (``); whole numbers exact, whatever their width; floats the shortest text that reads back as the same
 * float of that width (`0.1`, `3`); decimals with every digit of their scale (`12.30`); dates `2001-02-03`; timestamps
 * `2001-02-03T04:05:06.789Z`, without the `Z` where the column has no zone; `true` and `false`.
 *
 * @param value as it is stored: number, bigint, boolean, or the bytes of a decimal (big-endian), a UUID or a half float
 */
export function cellText(value: unknown, type: CellType): string {
  if (value === null || value === undefined) return '';
  switch (type.kind) {
    case 'double':
      return floatText(value as number);
    case 'float':
      return floatText(shortestFloat(value as number));
    case 'half':
      return floatText(halfFloat(value as Uint8Array));
    case 'integer':
      return integerText(value as number | bigint, type.unsignedBits);
    case 'decimal':
      return decimalText(unscaled(value as number | bigint | Uint8Array), type.scale);
    case 'date':
      return dateText(BigInt(value as number | bigint));
    case 'time':
      return timeText(BigInt(value as number | bigint), DIGITS[type.unit]);
    case 'timestamp':
      return timestampText(BigInt(value as number | bigint), DIGITS[type.unit], type.utc);
    case 'uuid':
      return hex(value as Uint8Array).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    default:
      return String(value);
  }
}

/** A number that is none is missing; infinity stays, for the checks to refuse. */
const floatText = (value: number): string => (Number.isNaN(value) ? '' : Object.is(value, -0) ? '-0' : String(value));

/** The double of fewest digits that rounds to this float: 0.1 for the float nearest to 0.1. */
function shortestFloat(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

/** IEEE 754 binary16, little-endian. */
function halfFloat(bytes: Uint8Array): number {
  const bits = (bytes[1]! << 8) | bytes[0]!;
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function integerText(value: number | bigint, unsignedBits: 32 | 64 | undefined): string {
  if (unsignedBits === undefined) return String(value);
  return String(BigInt.asUintN(unsignedBits, BigInt(value)));
}

/** @param value bytes are two's complement, big-endian */
function unscaled(value: number | bigint | Uint8Array): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value);
  return value.length === 0 ? 0n : BigInt.asIntN(value.length * 8, BigInt(`0x${hex(value)}`));
}

function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** @param days since 1970-01-01 */
function dateText(days: bigint): string {
  const date = new Date(Number(days) * 86_400_000);
  // Beyond what a calendar date can say: shown as it is stored, for the checks to refuse.
  if (Number.isNaN(date.getTime())) return String(days);
  return date.toISOString().replace(/T.*/, '');
}

function timestampText(value: bigint, digits: number, utc: boolean): string {
  const perDay = SECONDS_A_DAY * 10n ** BigInt(digits);
  const time = ((value % perDay) + perDay) % perDay;
  return `${dateText((value - time) / perDay)}T${timeText(time, digits)}${utc ? 'Z' : ''}`;
}

/** @param value since midnight, in units of `digits` after the second */
function timeText(value: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const seconds = Number(value / perSecond);
  const pair = (number: number) => String(number).padStart(2, '0');
  const fraction = String(value % perSecond)
    .padStart(digits, '0')
    .replace(/(?:000)+$/, '');
  const clock = `${pair(Math.floor(seconds / 3600))}:${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`;
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
