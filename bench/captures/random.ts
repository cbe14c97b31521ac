/** Where a sequence of numbers stands: four words, which a loop that draws millions keeps in variables of its own. */
export type RandomState = Int32Array;

/** @see Marsaglia (2003), Xorshift RNGs, J. Stat. Softw. 8 */
export const randomState = (seed: number): RandomState =>
  Int32Array.of(123_456_789 ^ seed, 362_436_069, 521_288_629, 88_675_123);

/** Numbers in [0, 1) that go on from a state, the same on every machine; period 2¹²⁸ − 1. */
export const randomFromState =
  (state: RandomState): (() => number) =>
  () => {
    const x = state[0]!;
    const w = state[3]!;
    const t = x ^ (x << 11);
    state[0] = state[1]!;
    state[1] = state[2]!;
    state[2] = w;
    const next = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    state[3] = next;
    return (next >>> 0) / 4_294_967_296;
  };

/** Numbers in [0, 1) from a seed. */
export const randomFrom = (seed: number): (() => number) => randomFromState(randomState(seed));

/** A standard normal deviate. @see Box & Muller (1958), Ann. Math. Stat. 29 */
export const normalFrom = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
