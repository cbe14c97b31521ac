// Bound once: a global that is looked up at every draw costs more than the draw.
const { imul } = Math;

/** Uniform on [0, 1), 32 bits. */
export type Random = () => number;

/** A seed that follows from a digest, so that what was drawn can be drawn again. @param sha256 as hex */
export const seedFrom = (sha256: string): number => Number.parseInt(sha256.slice(0, 8), 16) || 1;

/**
 * xoshiro128**, seeded through splitmix32: the same seed gives the same numbers on every machine, so an evaluation can be repeated.
 *
 * @see Blackman & Vigna (2021), Scrambled linear pseudorandom number generators
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const splitmix = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = imul(z ^ (z >>> 16), 0x85ebca6b);
    z = imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const s = Uint32Array.from([splitmix(), splitmix(), splitmix(), splitmix()]);
  return () => {
    const product = imul(s[1]!, 5);
    const result = imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result / 2 ** 32;
  };
}
