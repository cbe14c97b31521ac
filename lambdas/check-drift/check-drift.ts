import { persistenceOf, type TimeWindow } from '../../domain/drift/persistence.ts';
import type { ModelVerdict } from '../../domain/drift/verdict.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition, Monitoring } from '../../domain/model-definition.ts';
import { dataRow } from '../../domain/monitoring/data-quality.ts';
import { movedOf, strongestOf } from '../../domain/monitoring/drift-report.ts';
import { VARIANT } from '../../domain/monitoring/keys.ts';
import { windowMetrics } from '../../domain/monitoring/metrics.ts';
import type {
  AlertPublisher,
  FleetStore,
  MetricRecorder,
  MonitoringStore,
  ServiceMeter,
} from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { type CountedCalls, countedCalls, sameHours } from '../../domain/monitoring/same-hours.ts';
import { serviceRow } from '../../domain/monitoring/service.ts';
import { trendOf } from '../../domain/monitoring/trend.ts';
import { usageOf } from '../../domain/monitoring/usage.ts';
import { servingCost } from '../../domain/monitoring/worth.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import { estimateRow } from '../../domain/quality/estimate-finding.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import type { VersionRow } from '../../domain/version.ts';
import { isAlertDue } from '../shared/alert-due.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { EvaluationReader } from '../shared/read-evaluation.ts';
import { settleLook } from '../shared/settle-finding.ts';
import { type TellSystemsDependencies, tellSystems } from '../shared/tell-systems.ts';
import type { CheckDriftInput, CheckDriftOutput } from './contract.ts';
import { estimateWindow } from './estimate-window.ts';
import { type CheckedCounts, judgeWindow } from './judge-window.ts';
import { HISTORY, looksAt } from './look-at-window.ts';
import { storeReport } from './store-report.ts';

export interface CheckDriftDependencies extends Pick<TellSystemsDependencies, 'events' | 'onUnheard'> {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  /** What came true so far: drift is shown beside it. */
  readonly quality: Pick<QualityStore, 'listQuality'>;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  readonly service: ServiceMeter;
  readonly publisher: AlertPublisher;
  readonly metrics: MetricRecorder;
  readonly fleet: FleetStore;
  readonly readEvaluation: EvaluationReader;
  readonly buckets: { readonly artifacts: string };
  /** Whose list prices serving is counted at. */
  readonly region: string;
  readonly now: Now;
}

const HOUR_MS = 3_600_000;
const STEP = 'launchway:check-drift';

/**
 * Holds a closed window against the baseline, records what it finds, and says whether someone is to be told.
 *
 * One check per window: a repeated call returns what the first one found, and takes it to its incidents again. Other systems come
 * last: people are told whether or not those can be.
 */
export const checkDrift =
  (dependencies: CheckDriftDependencies) =>
  async ({ model: name, version, windowStart }: CheckDriftInput): Promise<CheckDriftOutput> => {
    const { lineage, monitoring } = dependencies;
    const start = new Date(windowStart).toISOString();
    const row =
      (await monitoring.findWindow(name, version, start)) ?? (await check(dependencies, name, version, start));
    const model = await lineage.getModel(name);
    for (const look of looksAt(dependencies, model, row)) await settleLook(dependencies, look, STEP);
    await monitoring.recordSettled(row, dependencies.now().toISOString());
    const alert = await isAlertDue(monitoring, name);
    await tellSystems(dependencies, name);
    return { verdict: row.verdict, alert };
  };

/** @returns undefined where the version does not serve */
async function countCalls(
  meter: ServiceMeter,
  { champion }: ModelRow,
  version: number,
  window: TimeWindow,
): Promise<CountedCalls | undefined> {
  if (champion?.version !== version) return undefined;
  return countedCalls(await meter.measure(champion.endpointName, VARIANT, sameHours(window)));
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

  const calls = await countCalls(dependencies.service, model, versionNumber, window);
  const judged = await judgeWindow(dependencies, version, rules, window, countsFrom(before, start), calls?.now.calls);
  const serving = model.champion?.version === versionNumber ? model.champion : undefined;
  const cost = serving && servingCost(dependencies.region, definition.serving, window, serving.since);
  const counts = {
    ...(await withEstimate(dependencies, version, definition, judged, start)),
    ...(calls && { calls }),
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
  const estimate = await estimateWindow(objects, version, definition, counts.profiled?.profile ?? {}, start);
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
  const usage = counts.calls && usageOf(counts.calls, counts.records, before, drift.persistence);
  const service = counts.calls && serviceRow(counts.calls, before, drift.persistence);
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
    ...(usage && { usage }),
    ...(counts.cost && { cost: counts.cost }),
    ...(service && { service }),
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
