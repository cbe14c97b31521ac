/**
 * Benjamini–Hochberg adjusted p-values: the least false discovery rate at which each would be called.
 *
 * With p₍₁₎ ≤ … ≤ p₍ₖ₎: q₍ᵢ₎ = min over j ≥ i of min(1, p₍ⱼ₎ · k / j).
 *
 * @param pValues 0 … 1 each, in any order
 * @returns in the order given
 * @throws {RangeError} a value outside 0 … 1
 * @see Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57
 */
export const benjaminiHochberg = (pValues: readonly number[]): number[] => stepUp(pValues, 1);

/** Benjamini–Yekutieli: valid under any dependence, larger by the factor Σ 1/j. @see Ann. Stat. 29 (2001) */
export const benjaminiYekutieli = (pValues: readonly number[]): number[] =>
  stepUp(
    pValues,
    pValues.reduce((sum, _, i) => sum + 1 / (i + 1), 0),
  );

function stepUp(pValues: readonly number[], factor: number): number[] {
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  const descending = ascendingOrder(pValues).reverse();
  descending.forEach((index, fromTop) => {
    const rank = pValues.length - fromTop;
    least = Math.min(least, (pValues[index]! * factor * pValues.length) / rank);
    adjusted[index] = least;
  });
  return adjusted;
}

function ascendingOrder(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`expected probabilities of 0 to 1, got ${wrong}`);
  return pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
}
