/** Numbers in [0, 1) from a seed, the same on every machine. @see Marsaglia (2003), Xorshift RNGs, J. Stat. Softw. 8 */
export function randomFrom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** A standard normal deviate. @see Box & Muller (1958), Ann. Math. Stat. 29 */
export const normalFrom = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
