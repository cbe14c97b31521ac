import { qualityFinding } from '../../domain/quality/quality-finding.ts';
import type { QualityReport } from '../../domain/quality/quality-report.ts';
import type { QualityEvaluation } from '../../domain/quality/rows.ts';
import { closeIncident, settleFinding } from '../shared/settle-finding.ts';
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
  const { quality, monitoring, objects } = dependencies;
  const { model, champion } = occasion;
  const open = await monitoring.openIncident(model.model, 'quality');
  if (open && open.version !== champion.version) {
    const because = `version ${champion.version} serves in place of version ${open.version}`;
    await closeIncident(dependencies, open, because, STEP);
  }
  const rows = await quality.listQuality(model.model, champion.version, horizonOf(occasion));
  const newest = rows.findLast(({ evaluation }) => evaluation && evaluation.verdict !== 'InsufficientLabels');
  const document = newest?.evaluation?.document;
  if (!newest?.evaluation || !document) return newest?.evaluation;
  if (newest.evaluation.persistent.length > 0) {
    const report = JSON.parse(await objects.readText(document, REPORT_BYTES)) as QualityReport;
    await settleFinding(dependencies, qualityFinding(newest, newest.evaluation, report)!, STEP);
  } else if (
    open?.version === champion.version &&
    newest.start > open.windowStart &&
    newest.evaluation.verdict === 'Passed'
  )
    await closeIncident(dependencies, open, `the window of ${newest.start.slice(0, 10)} meets its gates`, STEP);
  return newest.evaluation;
}
