import type { VersionRow } from '../release.ts';

/** Candidate against champion on the same rows, as far as it was measured. */
export interface Comparison {
  readonly championVersion?: number;
  /** The metric that decides first. */
  readonly metrics: readonly {
    readonly metric: string;
    readonly candidate: number;
    readonly champion?: number;
    /** candidate − champion, with its confidence interval. */
    readonly difference?: { readonly estimate: number; readonly low?: number; readonly high?: number };
  }[];
  readonly changedDecisions?: {
    readonly rows: number;
    readonly changed: number;
    readonly toPositive: number;
    readonly toNegative: number;
  };
}

/** What the version's row alone says: the candidate's metrics, those with a gate first. */
export function comparisonOf(version: VersionRow): Comparison {
  const { evaluation } = version;
  const metrics = evaluation?.metrics ?? {};
  const gated = [...new Set((evaluation?.gates ?? []).map(({ metric }) => metric))].filter((name) => name in metrics);
  const others = Object.keys(metrics).filter((name) => !gated.includes(name));
  return {
    ...(evaluation?.comparedWith !== undefined && { championVersion: evaluation.comparedWith }),
    metrics: [...gated, ...others].map((metric) => ({ metric, candidate: metrics[metric]! })),
  };
}
