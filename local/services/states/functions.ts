import { createHash, randomUUID } from 'node:crypto';

/** Longest array that a function here may make. */
const LONGEST = 10_000_000;

const ALGORITHMS = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

function partition(array: unknown, size: unknown): unknown {
  if (array === undefined) return undefined;
  const items = Array.isArray(array) ? array : [array];
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1) {
    throw new RangeError(`expected a chunk size that is a positive integer, got ${JSON.stringify(size)}`);
  }
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function range(first: unknown, last: unknown, step: unknown): unknown {
  if (typeof first !== 'number' || typeof last !== 'number' || typeof step !== 'number' || step === 0) {
    throw new RangeError(`expected numbers with a step other than 0, got ${JSON.stringify([first, last, step])}`);
  }
  const length = Math.floor((last - first) / step) + 1;
  if (length > LONGEST) throw new RangeError(`expected at most ${LONGEST} elements, got ${length}`);
  return Array.from({ length: Math.max(0, length) }, (_, i) => first + i * step);
}

function hash(data: unknown, algorithm: unknown): unknown {
  if (data === undefined) return undefined;
  const name = ALGORITHMS.get(String(algorithm));
  if (!name) {
    throw new RangeError(`expected one of ${[...ALGORITHMS.keys()].join(', ')}, got ${JSON.stringify(algorithm)}`);
  }
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(name).update(text).digest('hex');
}

/** Deterministic for a seed (mulberry32), in [0, 1). */
function seeded(seed: number): number {
  let t = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function parse(text: unknown): unknown {
  return text === undefined ? undefined : JSON.parse(String(text));
}

/** What Step Functions adds to JSONata, and `$eval` taken away. */
export const FUNCTIONS: Readonly<Record<string, unknown>> = {
  partition,
  range,
  hash,
  random: (seed: unknown) => (typeof seed === 'number' ? seeded(seed) : Math.random()),
  uuid: () => randomUUID(),
  parse,
  eval: undefined,
};
