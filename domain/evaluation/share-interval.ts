const Z_95 = 1.959963984540054;

/**
 * 95 % score interval of a share: within 0 and 1 also where few rows were counted, or none had it.
 *
 * @see Wilson (1927), Probable inference, the law of succession, and statistical inference
 */
export function shareInterval(part: number, whole: number): { readonly low: number; readonly high: number } {
  if (whole === 0) return { low: 0, high: 1 };
  const share = part / whole;
  const spread = Z_95 ** 2 / whole;
  const centre = share + spread / 2;
  const half = Z_95 * Math.sqrt((share * (1 - share)) / whole + spread / (4 * whole));
  return { low: Math.max(0, (centre - half) / (1 + spread)), high: Math.min(1, (centre + half) / (1 + spread)) };
}
