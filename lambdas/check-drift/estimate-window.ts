import type { NumericProfile } from '../../domain/drift/profile.ts';
import { seededRandom } from '../../domain/evaluation/random.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { DriftReport } from '../../domain/monitoring/drift-report.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { estimateQuality, type QualityEstimate, type ScoreOutcomes } from '../../domain/quality/estimate.ts';
import { estimateFinding } from '../../domain/quality/estimate-finding.ts';
import type { VersionRow } from '../../domain/release.ts';
import { closeIncident, type SettleFindingDependencies, settleFinding } from '../shared/settle-finding.ts';

const REPORT_BYTES = 64 * 1024 * 1024;

/**
 * What the window's predictions are expected to be worth, before anybody knows what became of them.
 *
 * @returns undefined for a problem that is not estimated, and for versions of before, whose hold-out was not counted
 */
export async function estimateWindow(
  objects: Pick<ObjectStore, 'readText'>,
  { evaluation }: VersionRow,
  { problem }: ModelDefinition,
  prediction: NumericProfile | undefined,
  windowStart: string,
): Promise<QualityEstimate | undefined> {
  if (problem.type !== 'binary-classification' || !evaluation?.scoreOutcomes || !prediction) return undefined;
  const holdOut = JSON.parse(await objects.readText(evaluation.scoreOutcomes)) as ScoreOutcomes;
  const random = seededRandom(Math.floor(Date.parse(windowStart) / 1000));
  return estimateQuality(holdOut, prediction.counts, problem.decisionThreshold, random);
}

/** Opens an incident where an estimated drop lasts, and closes the open one where a window has none. @returns whether people are to be told */
export async function settleEstimate(
  dependencies: SettleFindingDependencies & { readonly objects: Pick<ObjectStore, 'readText'> },
  { champion }: ModelRow,
  window: WindowRow,
  actor: string,
): Promise<boolean> {
  const { monitoring, objects } = dependencies;
  const open = await monitoring.openIncident(window.model, 'estimate');
  if (open && open.version !== window.version && champion?.version === window.version)
    await closeIncident(
      dependencies,
      open,
      `version ${window.version} serves in place of version ${open.version}`,
      actor,
    );
  if (!window.estimate || !window.report) return false;
  if (window.estimate.persistent.length > 0) {
    const { estimate } = JSON.parse(await objects.readText(window.report, REPORT_BYTES)) as DriftReport;
    const finding = estimateFinding(window, estimate!)!;
    const incident = await settleFinding(dependencies, finding, actor, undefined, new Date(window.checkedAt));
    return incident !== undefined && isToBeTold(incident);
  }
  const isOver =
    open?.version === window.version && window.start > open.windowStart && window.estimate.dropped.length === 0;
  if (isOver)
    await closeIncident(
      dependencies,
      open,
      `expected to be as on the hold-out since ${window.start.slice(0, 10)}`,
      actor,
    );
  return false;
}
