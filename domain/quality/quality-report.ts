import type { TimeWindow } from '../drift/persistence.ts';
import { lastingNames } from '../drift/persistence.ts';
import type { DecisionValue, ServingCost } from '../monitoring/worth.ts';
import type { WindowQuality } from './evaluate-window.ts';
import type { QualityEvaluation, WindowPredictions } from './rows.ts';

/** Everything that an evaluation of a window found, as stored. */
export interface QualityReport extends WindowQuality {
  readonly schema: 'launchway/quality-report/v1';
  readonly model: string;
  readonly version: number;
  readonly window: TimeWindow & { readonly countsFrom: string };
  readonly at: string;
  /** What the captures of the window held. */
  readonly captured: WindowPredictions;
  /** Share of the predictions whose outcome is known; those without one may differ from those with. */
  readonly coverage: number | null;
  /** The same measures on the hold-out, when the version was validated. */
  readonly atValidation: Readonly<Record<string, number>>;
  /** What the window's own labelled decisions were worth, and what serving it cost; absent where that is not known. */
  readonly value?: DecisionValue;
  readonly cost?: ServingCost;
}

/**
 * Measures that people are told of: those that are missed beyond doubt, and those that were surely missed in `windows` of the last
 * `of` evaluated windows, this one included.
 *
 * @param before evaluations of the windows before, oldest first
 */
export function persistentIn(
  { gates }: Pick<WindowQuality, 'gates'>,
  before: readonly Pick<QualityEvaluation, 'verdict' | 'failing'>[],
  rule: { readonly windows: number; readonly of: number },
): string[] {
  const judged = before.filter(({ verdict }) => verdict !== 'InsufficientLabels').map(({ failing }) => failing);
  const failed = gates.filter(({ verdict }) => verdict === 'Failed');
  const names = failed.map(({ metric }) => metric);
  const lasting = lastingNames(names, judged, rule);
  return failed.flatMap(({ metric, beyondDoubt }) => (beyondDoubt || lasting.includes(metric) ? [metric] : []));
}
