import type { GateResult } from '../step-results.ts';

/** A release goes on unless a gate failed or could not be measured; what could not be compared is the approver's to accept. */
export const gatesPass = (results: readonly GateResult[]): boolean =>
  results.every(({ verdict }) => verdict === 'Passed' || verdict === 'NotComparable');
