import { qualityFinding } from '../../domain/quality/quality-finding.ts';
import type { QualityReport } from '../../domain/quality/quality-report.ts';
import type { QualityEvaluation } from '../../domain/quality/rows.ts';
import { settleLook } from '../shared/settle-finding.ts';
import { horizonOf } from './find-windows.ts';
import { type MeasureQualityDependencies, type Occasion, STEP } from './measure-quality.ts';

const REPORT_BYTES = 16 * 1024 * 1024;

/**
 * Opens an incident where the newest window that could be judged misses a gate for good, and closes the open one where it misses
 * none. Windows of former versions open none: they no longer serve.
 *
 * @returns what that window says; undefined where none could be judged
 */
export async function settleQuality(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
): Promise<QualityEvaluation | undefined> {
  const { quality, objects } = dependencies;
  const { model, champion } = occasion;
  const rows = await quality.listQuality(model.model, champion.version, horizonOf(occasion));
  const newest = rows.findLast(({ evaluation }) => evaluation && evaluation.verdict !== 'InsufficientLabels');
  const find = async () => {
    if (!newest?.evaluation?.document || newest.evaluation.persistent.length === 0) return undefined;
    const report = JSON.parse(await objects.readText(newest.evaluation.document, REPORT_BYTES)) as QualityReport;
    return qualityFinding(newest, newest.evaluation, report);
  };
  const over = async () =>
    newest?.evaluation?.verdict === 'Passed' ? `the window of ${newest.start.slice(0, 10)} meets its gates` : undefined;
  const of = { model: model.model, version: champion.version, serving: champion.version, start: newest?.start ?? '' };
  await settleLook(dependencies, { ...of, detector: 'quality', find, over }, STEP);
  return newest?.evaluation;
}
