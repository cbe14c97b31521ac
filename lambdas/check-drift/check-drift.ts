import { persistenceOf, type TimeWindow } from '../../domain/drift/persistence.ts';
import type { ModelVerdict } from '../../domain/drift/verdict.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition, Monitoring } from '../../domain/model-definition.ts';
import { dataRow } from '../../domain/monitoring/data-quality.ts';
import { driftEvidence } from '../../domain/monitoring/drift-evidence.ts';
import { type DriftReport, movedOf, strongestOf } from '../../domain/monitoring/drift-report.ts';
import { driftFound } from '../../domain/monitoring/events.ts';
import { findingsOf, isToBeTold } from '../../domain/monitoring/findings.ts';
import { windowMetrics } from '../../domain/monitoring/metrics.ts';
import type {
  AlertPublisher,
  EventPublisher,
  FleetStore,
  InvocationCounter,
  MetricRecorder,
  MonitoringStore,
  ServiceMeter,
} from '../../domain/monitoring/ports.ts';
import type { IncidentRow, WindowRow } from '../../domain/monitoring/rows.ts';
import { serviceRow } from '../../domain/monitoring/service.ts';
import { trendOf } from '../../domain/monitoring/trend.ts';
import { servingCost } from '../../domain/monitoring/worth.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import { estimateRow } from '../../domain/quality/estimate-finding.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import type { VersionRow } from '../../domain/release.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type EvaluationReader, importanceOf } from '../shared/read-evaluation.ts';
import { closeIncident, settleFinding } from '../shared/settle-finding.ts';
import type { CheckDriftInput, CheckDriftOutput } from './contract.ts';
import { estimateWindow, settleEstimate } from './estimate-window.ts';
import { type CheckedCounts, judgeWindow } from './judge-window.ts';
import { storeReport } from './store-report.ts';
import { settleData } from './watch-data.ts';
import { measureService, settleService } from './watch-service.ts';
import { measureUsage, settleUsage } from './watch-usage.ts';

export interface CheckDriftDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  /** What came true so far: drift is shown beside it. */
  readonly quality: Pick<QualityStore, 'listQuality'>;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  readonly invocations: InvocationCounter;
  readonly service: ServiceMeter;
  readonly publisher: AlertPublisher;
  readonly events: EventPublisher;
  readonly metrics: MetricRecorder;
  readonly fleet: FleetStore;
  readonly readEvaluation: EvaluationReader;
  readonly buckets: { readonly artifacts: string };
  /** Whose list prices serving is counted at. */
  readonly region: string;
  readonly now: Now;
}

/** Windows looked back on: more than any persistence rule asks for, with idle ones between. */
const HISTORY = 50;

const HOUR_MS = 3_600_000;
const STEP = 'launchway:check-drift';
const REPORT_BYTES = 64 * 1024 * 1024;

/**
 * Holds a closed window against the baseline, records what it finds, and says whether someone is to be told.
 *
 * One check per window: a repeated call returns what the first one found, and tells other systems again.
 */
export const checkDrift =
  (dependencies: CheckDriftDependencies) =>
  async ({ model: name, version, windowStart }: CheckDriftInput): Promise<CheckDriftOutput> => {
    const { lineage, monitoring } = dependencies;
    const start = new Date(windowStart).toISOString();
    const row =
      (await monitoring.findWindow(name, version, start)) ?? (await check(dependencies, name, version, start));
    if (row.verdict === 'Drifted') await dependencies.events.publish(driftFound(row));
    const model = await lineage.getModel(name);
    for (const detector of ['drift', 'skew'] as const) await closeWhereOver(dependencies, model, row, detector);
    const readImportance = async () =>
      importanceOf(dependencies.readEvaluation, await lineage.getVersion(name, version));
    const isEstimateToBeTold = await settleEstimate(dependencies, model, row, STEP);
    const isUsageToBeTold = await settleUsage(dependencies, row, STEP);
    const isDriftToBeTold = await settle(dependencies, row);
    const isServiceToBeTold = await settleService(dependencies, row, STEP);
    const isDataToBeTold = await settleData({ ...dependencies, readImportance }, model, row, STEP);
    const told = [isDriftToBeTold, isEstimateToBeTold, isUsageToBeTold, isServiceToBeTold, isDataToBeTold];
    return { verdict: row.verdict, alert: told.includes(true) };
  };

/** Opens an incident for each detector that the window speaks for. @returns whether people are still to be told of one */
async function settle(dependencies: CheckDriftDependencies, window: WindowRow): Promise<boolean> {
  if (window.persistent.length === 0 && (window.skewed ?? []).length === 0) return false;
  const version = await dependencies.lineage.getVersion(window.model, window.version);
  const known = {
    dataset: version.dataset?.object.sha256,
    importance: await importanceOf(dependencies.readEvaluation, version),
  };
  let alert = false;
  for (const finding of findingsOf(window, known)) {
    const evidence = async () => {
      const report = JSON.parse(await dependencies.objects.readText(window.report!, REPORT_BYTES)) as DriftReport;
      return driftEvidence(finding, window, report);
    };
    const incident = await settleFinding(dependencies, finding, STEP, evidence, new Date(window.checkedAt));
    if (incident && isToBeTold(incident)) alert = true;
  }
  return alert;
}

async function check(
  dependencies: CheckDriftDependencies,
  name: string,
  versionNumber: number,
  start: string,
): Promise<WindowRow> {
  const { lineage, monitoring, readDefinition } = dependencies;
  const model = await lineage.getModel(name);
  const version = await lineage.getVersion(name, versionNumber);
  const definition = await readDefinition(version.definition);
  const { monitoring: rules } = definition;
  const window = { start, end: new Date(Date.parse(start) + rules.windowHours * HOUR_MS).toISOString() };
  const before = (await monitoring.lastWindows(name, versionNumber, HISTORY)).filter((row) => row.start < start);

  const judged = await judgeWindow(dependencies, model, version, rules, window, countsFrom(before, start));
  const usage = await measureUsage(dependencies.invocations, model, versionNumber, window, judged.records);
  const service = await measureService(dependencies.service, model, versionNumber, window);
  const serving = model.champion?.version === versionNumber ? model.champion : undefined;
  const cost = serving && servingCost(dependencies.region, definition.serving, window, serving.since);
  const counts = {
    ...(await withEstimate(dependencies, version, definition, judged, start)),
    ...(usage && { usage }),
    ...(service && { service }),
    ...(cost && { cost }),
  };
  const row = await report(dependencies, model, versionNumber, rules, window, before, counts);
  const audit = {
    type: 'DriftChecked',
    actor: STEP,
    subject: `version/${versionNumber}`,
    details: { window: start, verdict: row.verdict, why: row.why, report: row.report?.sha256 },
  };
  if (await monitoring.saveWindow(row, audit)) {
    const values = windowMetrics(row, counts.verdict.features, counts.tally, counts.profiled?.profile);
    dependencies.metrics.record({ model: name, version: versionNumber, at: dependencies.now(), values });
    return row;
  }
  const first = await monitoring.findWindow(name, versionNumber, start);
  if (!first) throw new NotFoundError(`expected a check of ${name}/v${versionNumber} at ${start}, got none`);
  return first;
}

/** A window that cannot be judged is not estimated either. */
async function withEstimate(
  { objects }: CheckDriftDependencies,
  version: VersionRow,
  definition: ModelDefinition,
  counts: CheckedCounts,
  start: string,
): Promise<CheckedCounts> {
  if (counts.verdict.verdict === 'InsufficientData') return counts;
  const estimate = await estimateWindow(objects, version, definition, counts.profiled?.profile.prediction, start);
  return estimate ? { ...counts, estimate } : counts;
}

/** Windows that had too few rows to judge lend theirs to the next: its counts begin where theirs did. */
function countsFrom(before: readonly WindowRow[], start: string): string {
  const previous = before.at(-1);
  return previous?.verdict === 'InsufficientData' && previous.end === start && previous.rows > 0
    ? previous.countsFrom
    : start;
}

async function report(
  { objects, quality, buckets, now }: CheckDriftDependencies,
  { team, model }: ModelRow,
  version: number,
  { drift, quality: gates = [] }: Monitoring,
  window: TimeWindow,
  before: readonly WindowRow[],
  counts: CheckedCounts,
): Promise<WindowRow> {
  const { verdict } = counts;
  const known = before.findLast((row) => row.verdict !== 'InsufficientData')?.skewed ?? [];
  const checked = {
    ...window,
    verdict: verdict.verdict,
    drifted: driftedOf(verdict),
    warning: verdict.features.some(({ name, warning, excluded }) => warning && !excluded && !known.includes(name)),
  };
  const { persistent, skewed, since } = persistenceOf([...before, checked], drift.persistence);
  const strongest = strongestOf(verdict);
  const row = {
    ...checked,
    model,
    version,
    countsFrom: counts.countsFrom,
    why: verdict.why,
    rows: counts.rows,
    ...(counts.coverage !== undefined && { coverage: counts.coverage }),
    moved: movedOf(verdict),
    ...(strongest !== undefined && { strongest }),
    causes: [...counts.pictures].flatMap(([name, { causes }]) => causes.map(({ rule }) => `${rule}:${name}`)),
    persistent,
    skewed,
    ...(since !== undefined && { since }),
    ...(counts.usage && { usage: counts.usage }),
    ...(counts.cost && { cost: counts.cost }),
    ...(counts.service && { service: serviceRow(counts.service.now, counts.service.usual, before, drift.persistence) }),
    ...(counts.broken && { data: dataRow(counts.broken, before, drift.persistence) }),
    ...(counts.estimate && { estimate: estimateRow(counts.estimate, gates, before, drift.persistence) }),
    checkedAt: now().toISOString(),
  };
  const trend = trendOf([...before, row], await quality.listQuality(model, version, before[0]?.start ?? row.start));
  const stored = await storeReport(objects, buckets.artifacts, team, row, drift, counts, trend);
  return stored ? { ...row, report: stored } : row;
}

const driftedOf = ({ features }: ModelVerdict): string[] =>
  features.filter(({ verdict, excluded }) => verdict === 'Drifted' && !excluded).map(({ name }) => name);

/** An incident ends when its version no longer serves, or after enough windows without even a warning. */
async function closeWhereOver(
  dependencies: CheckDriftDependencies,
  { model, champion }: ModelRow,
  row: WindowRow,
  detector: 'drift' | 'skew',
): Promise<void> {
  const open = await dependencies.monitoring.openIncident(model, detector);
  if (!open) return;
  if (open.version !== row.version) {
    if (champion?.version !== row.version) return;
    await closeIncident(dependencies, open, `version ${row.version} serves in place of version ${open.version}`, STEP);
    return;
  }
  const because = await whyOver(dependencies, open, row);
  if (because !== undefined) await closeIncident(dependencies, open, because, STEP);
}

async function whyOver(
  { monitoring, lineage, readDefinition }: CheckDriftDependencies,
  open: IncidentRow,
  row: WindowRow,
): Promise<string | undefined> {
  const { definition } = await lineage.getVersion(row.model, row.version);
  const rule = (await readDefinition(definition)).monitoring.drift.persistence;
  if (open.detector === 'skew') {
    const isOver = row.verdict !== 'InsufficientData' && (row.skewed ?? []).length === 0;
    return isOver ? `like training for ${rule.windows} windows in a row` : undefined;
  }
  // Quiet windows before the incident was opened say nothing about whether it is over.
  const since = (await monitoring.lastWindows(row.model, row.version, HISTORY)).filter(
    ({ start }) => start > open.windowStart,
  );
  return persistenceOf(since, rule).cleared ? `${rule.windows} windows in a row within their thresholds` : undefined;
}
