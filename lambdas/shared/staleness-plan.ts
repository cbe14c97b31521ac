import type { Problem } from '../../domain/model-definition.ts';
import type { MeasuredRows, NotComparedBecause, VersionAge } from '../../domain/staleness/rows.ts';

/** What was decided before versions were asked; stands beside the rows that they are asked about. */
export interface StalenessPlan {
  readonly schema: 'launchway/staleness-plan/v1';
  readonly champion: number;
  /** As the version that serves has it. */
  readonly problem: Problem;
  /** The one that serves first. */
  readonly versions: readonly PlannedVersion[];
  readonly measuredOn: MeasuredRows;
  /** What became of each row, in the order of `features.csv`. */
  readonly truth: readonly number[];
  readonly seed: number;
  /** That versions answer on. */
  readonly instanceType: string;
}

export interface PlannedVersion {
  readonly age: VersionAge;
  readonly scoreColumn: number;
  readonly notCompared?: { readonly because: NotComparedBecause; readonly why: string };
}
