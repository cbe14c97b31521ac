/**
 * Σ terms, good to twice the precision of its terms: over thousands of bins the roundings of a plain sum are seen.
 *
 * @returns Infinity where a term is, or where a double cannot hold the sum
 * @see Neumaier (1974), Z. angew. Math. Mech. 54
 */
export function compensatedSum(terms: Iterable<number>): number {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    if (Number.isFinite(next)) lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}
