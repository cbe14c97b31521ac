/** Numbers in [0, 1) from a seed, the same on every machine; period 2¹²⁸ − 1. @see Marsaglia (2003), Xorshift RNGs, J. Stat. Softw. 8 */
export function randomFrom(seed: number): () => number {
  let [x, y, z, w] = [123_456_789 ^ seed, 362_436_069, 521_288_629, 88_675_123];
  return () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 4_294_967_296;
  };
}

/** A standard normal deviate. @see Box & Muller (1958), Ann. Math. Stat. 29 */
export const normalFrom = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
