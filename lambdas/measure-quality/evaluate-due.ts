import { createHash } from 'node:crypto';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { qualityFolder } from '../../domain/monitoring/keys.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { decisionValue } from '../../domain/monitoring/worth.ts';
import {
  evaluateWindow,
  type LabelledPredictions,
  labelledPredictions,
  leastLabelled,
  type WindowQuality,
} from '../../domain/quality/evaluate-window.ts';
import { Outcomes } from '../../domain/quality/outcomes.ts';
import { decodeIndex } from '../../domain/quality/prediction-index.ts';
import { persistentIn, type QualityReport } from '../../domain/quality/quality-report.ts';
import { qualityReportHtml } from '../../domain/quality/quality-report-html.ts';
import type { QualityEvaluation, QualityRow } from '../../domain/quality/rows.ts';
import { horizonOf, type ServedWindow } from './find-windows.ts';
import { type MeasureQualityDependencies, type Occasion, STEP } from './measure-quality.ts';

const DAY_MS = 86_400_000;
/** Windows with too few labels that are counted together at most. */
const MOST_POOLED = 31;

/**
 * Evaluates every window whose outcomes are complete and that was not evaluated, or whose outcomes changed since; oldest first.
 *
 * @param windows newest first
 * @returns how many
 */
export async function evaluateDue(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
  windows: readonly ServedWindow[],
): Promise<number> {
  let evaluated = 0;
  for (const version of new Set(windows.map((window) => window.version))) {
    const { quality, readDefinition } = dependencies;
    const definition = await readDefinition(version.definition);
    let rows = await quality.listQuality(occasion.model.model, version.version, horizonOf(occasion));
    for (const window of windows.filter((one) => one.version === version).reverse()) {
      const known = rows.find(({ start }) => start === window.start);
      if (!isDue(window, known, definition, occasion)) continue;
      const row = known ?? { model: occasion.model.model, version: version.version, ...timesOf(window), revision: 0 };
      const before = rows.filter(({ start }) => start < window.start);
      const saved = await evaluate(dependencies, occasion, definition, window, row, before);
      if (!saved) continue;
      evaluated += 1;
      rows = [...rows.filter((one) => one !== known), saved].sort((a, b) => (a.start < b.start ? -1 : 1));
    }
  }
  return evaluated;
}

const timesOf = ({ start, end }: ServedWindow) => ({ start, end });

/** A window that nobody asked about, and that nobody labelled, is not evaluated. */
function isDue(
  { end, rows }: ServedWindow,
  row: QualityRow | undefined,
  { monitoring }: ModelDefinition,
  { at }: Occasion,
): boolean {
  if (at.getTime() < Date.parse(end) + monitoring.labels.completeAfterDays * DAY_MS) return false;
  if (!row?.evaluation) return row?.outcomes !== undefined || (monitoring.quality.length > 0 && (rows ?? 0) > 0);
  return (row.outcomes?.changes ?? 0) !== row.evaluation.changes;
}

/** @returns the row as it was saved; undefined where another occurrence was faster */
async function evaluate(
  dependencies: MeasureQualityDependencies,
  { model, at }: Occasion,
  definition: ModelDefinition,
  window: ServedWindow,
  row: QualityRow,
  before: readonly QualityRow[],
): Promise<QualityRow | undefined> {
  const { monitoring, problem } = definition;
  const pool = pooled(row, before, leastLabelled(monitoring.quality));
  const labelled: LabelledPredictions[] = [];
  for (const one of pool.slice(0, -1)) labelled.push(...(await labelledOf(dependencies, one)));
  const [own] = await labelledOf(dependencies, row);
  if (own) labelled.push(own);
  const found = evaluateWindow(labelled, problem, monitoring.quality, Math.floor(Date.parse(row.start) / 1000));
  const earlier = before.flatMap(({ evaluation }) => evaluation ?? []);
  const { verdict, why, metrics, gates } = found;
  const evaluation: QualityEvaluation = {
    at: at.toISOString(),
    ...{ verdict, why, countsFrom: pool[0]!.start, metrics },
    labelled: found.labelled,
    predictions: found.labelled === 0 ? (row.predictions?.kept ?? window.rows ?? 0) : found.predictions,
    failing: gates.flatMap((gate) => (gate.verdict === 'Failed' ? [gate.metric] : [])),
    persistent: persistentIn(found, earlier, monitoring.drift.persistence),
    ...worthOfDecisions(definition, own),
    changes: row.outcomes?.changes ?? 0,
  };
  const checked = await dependencies.monitoring.findWindow(row.model, row.version, row.start);
  const document = await storeReport(dependencies, model.team, window, row, evaluation, {
    ...found,
    ...costOf(checked),
  });
  const next = { ...row, revision: row.revision + 1, evaluation: { ...evaluation, ...(document && { document }) } };
  const saved = await dependencies.quality.saveQuality(next, {
    type: 'QualityMeasured',
    actor: STEP,
    subject: `version/${row.version}`,
    details: { window: row.start, verdict, why, labelled: found.labelled, report: document?.sha256 },
  });
  return saved ? next : undefined;
}

const costOf = (checked: WindowRow | undefined): Pick<QualityReport, 'cost'> =>
  checked?.cost ? { cost: checked.cost } : {};

function worthOfDecisions(
  { problem, business }: ModelDefinition,
  own: LabelledPredictions | undefined,
): Pick<QualityEvaluation, 'value'> {
  if (!business || !own || problem.type !== 'binary-classification') return {};
  return { value: decisionValue(own, problem.decisionThreshold, business) };
}

/** The window, and those right before it that had too few labels to be judged. */
function pooled(row: QualityRow, before: readonly QualityRow[], least: number): readonly QualityRow[] {
  const pool = [row];
  if ((row.outcomes?.labelled ?? 0) >= least) return pool;
  for (const one of before.toReversed()) {
    const isNext = one.end === pool[0]!.start && one.evaluation?.verdict === 'InsufficientLabels';
    if (!isNext || pool.length === MOST_POOLED) break;
    pool.unshift(one);
  }
  return pool;
}

async function labelledOf(
  { objects }: MeasureQualityDependencies,
  { predictions, outcomes }: QualityRow,
): Promise<LabelledPredictions[]> {
  if (!predictions?.document || !outcomes) return [];
  const index = decodeIndex(await objects.readBytes(predictions.document));
  return [labelledPredictions(index, Outcomes.decode(await objects.readBytes(outcomes.document)))];
}

async function storeReport(
  { objects, buckets }: MeasureQualityDependencies,
  team: string,
  { version, start, end }: ServedWindow,
  { model, predictions }: QualityRow,
  { at, countsFrom, value }: QualityEvaluation,
  found: WindowQuality & Pick<QualityReport, 'cost'>,
): Promise<QualityEvaluation['document']> {
  if (!predictions || found.labelled === 0) return undefined;
  const report: QualityReport = {
    schema: 'launchway/quality-report/v1',
    ...{ model, version: version.version, window: { start, end, countsFrom }, at, captured: predictions },
    coverage: found.predictions === 0 ? null : found.labelled / found.predictions,
    atValidation: version.evaluation?.metrics ?? {},
    ...(value && { value }),
    ...found,
  };
  const folder = qualityFolder({ team, model, version: version.version }, start);
  const text = JSON.stringify(report);
  await objects.put(
    { bucket: buckets.artifacts, key: `${folder}/report.html` },
    qualityReportHtml(report),
    'text/html; charset=utf-8',
  );
  const stored = await objects.put({ bucket: buckets.artifacts, key: `${folder}.json` }, text, 'application/json');
  return { ...stored, sha256: createHash('sha256').update(text).digest('hex') };
}
