import type { IncidentRow } from './rows.ts';

/** How often people said that a detector, or a rule that named a cause, was right. */
export interface Precision {
  /** `drift`, or `unit-change`. */
  readonly of: string;
  readonly real: number;
  readonly expected: number;
}

/**
 * Counts answers: acknowledged is real, expected is not; of both, the first was only a look. Incidents that nobody answered
 * say nothing.
 */
export function precisionOf(incidents: readonly IncidentRow[]): Precision[] {
  const counts = new Map<string, { real: number; expected: number }>();
  for (const { detector, causes, acknowledged, expected } of incidents) {
    if (!acknowledged && !expected) continue;
    for (const name of new Set([detector, ...causes.map((cause) => cause.split(':')[0]!)])) {
      const count = counts.get(name) ?? { real: 0, expected: 0 };
      count[expected ? 'expected' : 'real'] += 1;
      counts.set(name, count);
    }
  }
  return [...counts].map(([of, count]) => ({ of, ...count }));
}

/** `drift: 3 of 4 answered incidents were real` */
export const precisionInWords = ({ of, real, expected }: Precision): string =>
  `${of}: ${real} of ${real + expected} answered incident${real + expected === 1 ? ' was' : 's were'} real`;
