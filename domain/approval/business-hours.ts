const DAY_MS = 86_400_000;

/** Milliseconds between two moments that lie on Monday to Friday, UTC. */
function businessMilliseconds(from: Date, to: Date): number {
  let sum = 0;
  for (let at = from.getTime(); at < to.getTime(); ) {
    const midnight = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
    const end = Math.min(midnight, to.getTime());
    const weekday = new Date(at).getUTCDay();
    if (weekday !== 0 && weekday !== 6) sum += end - at;
    at = end;
  }
  return sum;
}

/** How much of the business time between two moments has passed, 0–1; where there is none of it, of all time. */
export function fractionPassed(from: Date, to: Date, now: Date): number {
  const whole = businessMilliseconds(from, to);
  const fraction =
    whole > 0
      ? businessMilliseconds(from, now) / whole
      : (now.getTime() - from.getTime()) / (to.getTime() - from.getTime());
  return Math.min(1, Math.max(0, fraction));
}
