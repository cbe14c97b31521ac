import { persistenceOf } from '../../domain/drift/persistence.ts';
import type { ModelRow } from '../../domain/model.ts';
import { dataFinding, untold } from '../../domain/monitoring/data-finding.ts';
import { driftEvidence } from '../../domain/monitoring/drift-evidence.ts';
import type { DriftReport } from '../../domain/monitoring/drift-report.ts';
import { findingsOf } from '../../domain/monitoring/findings.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { IncidentRow, WindowRow } from '../../domain/monitoring/rows.ts';
import { levelsOf, serviceFinding } from '../../domain/monitoring/service.ts';
import { usageFinding } from '../../domain/monitoring/usage.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import { estimateFinding } from '../../domain/quality/estimate-finding.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type EvaluationReader, importanceOf } from '../shared/read-evaluation.ts';
import type { Look } from '../shared/settle-finding.ts';

export interface LookAtWindowDependencies {
  readonly lineage: Pick<LineageStore, 'getVersion'>;
  readonly monitoring: Pick<MonitoringStore, 'lastWindows' | 'openIncident'>;
  readonly objects: Pick<ObjectStore, 'readText'>;
  readonly readDefinition: DefinitionReader;
  readonly readEvaluation: EvaluationReader;
}

/** Windows looked back on: more than any persistence rule asks for, with idle ones between. */
export const HISTORY = 50;
const REPORT_BYTES = 64 * 1024 * 1024;

type Speaks = Pick<Look, 'detector' | 'find' | 'over'>;

/** What each detector makes of a checked window, in the order in which they are asked: data leaves to drift and skew what they tell of. */
export function looksAt(
  dependencies: LookAtWindowDependencies,
  { champion }: Pick<ModelRow, 'champion'>,
  window: WindowRow,
): Look[] {
  const { model, version, start, checkedAt } = window;
  const of = { model, version, serving: champion?.version, start, foundAt: new Date(checkedAt) };
  const speak = [driftOf('drift'), driftOf('skew'), estimateOf, usageOf, serviceOf, dataOf];
  return speak.map((one) => ({ ...of, ...one(dependencies, window) }));
}

const driftOf =
  (detector: 'drift' | 'skew') =>
  (dependencies: LookAtWindowDependencies, window: WindowRow): Speaks => ({
    detector,
    find: async (open) => {
      const { lineage, objects, readEvaluation } = dependencies;
      if (!findingsOf(window).some((one) => one.detector === detector)) return undefined;
      const version = await lineage.getVersion(window.model, window.version);
      const importance = await importanceOf(readEvaluation, version);
      const known = { dataset: version.dataset?.object.sha256, importance };
      const finding = findingsOf(window, known).find((one) => one.detector === detector)!;
      return open ? finding : { ...finding, evidence: driftEvidence(finding, window, await reportOf(objects, window)) };
    },
    over: async (open) => (detector === 'skew' ? whyLikeTraining : whyQuiet)(dependencies, window, open),
  });

async function whyLikeTraining(dependencies: LookAtWindowDependencies, window: WindowRow): Promise<string | undefined> {
  if (window.verdict === 'InsufficientData') return undefined;
  return `like training for ${(await ruleOf(dependencies, window)).windows} windows in a row`;
}

async function whyQuiet(
  dependencies: LookAtWindowDependencies,
  window: WindowRow,
  open: IncidentRow,
): Promise<string | undefined> {
  const rule = await ruleOf(dependencies, window);
  // Quiet windows before the incident was opened say nothing about whether it is over.
  const since = (await dependencies.monitoring.lastWindows(window.model, window.version, HISTORY)).filter(
    ({ start }) => start > open.windowStart,
  );
  return persistenceOf(since, rule).cleared ? `${rule.windows} windows in a row within their thresholds` : undefined;
}

const ruleOf = async ({ lineage, readDefinition }: LookAtWindowDependencies, { model, version }: WindowRow) =>
  (await readDefinition((await lineage.getVersion(model, version)).definition)).monitoring.drift.persistence;

const estimateOf = ({ objects }: LookAtWindowDependencies, window: WindowRow): Speaks => ({
  detector: 'estimate',
  find: async () =>
    window.estimate && window.estimate.persistent.length > 0
      ? estimateFinding(window, (await reportOf(objects, window)).estimate!)
      : undefined,
  over: async () =>
    window.estimate?.dropped.length === 0 ? `expected to be as on the hold-out since ${dayOf(window)}` : undefined,
});

const usageOf = (_: LookAtWindowDependencies, window: WindowRow): Speaks => ({
  detector: 'usage',
  find: async () => usageFinding(window),
  over: async () =>
    window.usage?.usual === undefined || window.usage.low ? undefined : `as many calls as usual since ${dayOf(window)}`,
});

const serviceOf = (_: LookAtWindowDependencies, window: WindowRow): Speaks => ({
  detector: 'service',
  find: async () => serviceFinding(window),
  over: async ({ features }) =>
    isAsUsual(window, features) ? `as in the weeks before since ${dayOf(window)}` : undefined,
});

/** Whether nothing is worse, and what the incident is of could be told: a window of few calls ends nothing. */
const isAsUsual = ({ service }: WindowRow, features: readonly string[]): boolean =>
  service !== undefined &&
  service.worse.length === 0 &&
  features.every((name) => Object.hasOwn(service.usual, name) && Object.hasOwn(levelsOf(service), name));

const dataOf = (
  { monitoring, lineage, objects, readEvaluation }: LookAtWindowDependencies,
  window: WindowRow,
): Speaks => ({
  detector: 'data',
  find: async () => {
    if (!window.data || window.data.persistent.length === 0) return undefined;
    const { broken = [] } = await reportOf(objects, window);
    const version = await lineage.getVersion(window.model, window.version);
    return dataFinding(window, broken, await toldOf(monitoring, window), await importanceOf(readEvaluation, version));
  },
  over: async () => {
    if (!window.data || untold(window, window.data.broken, await toldOf(monitoring, window)).length > 0)
      return undefined;
    return window.data.broken.length === 0
      ? `nothing broken since ${dayOf(window)}`
      : 'the incident of drift or skew tells of the same features';
  },
});

/** Features that an open incident of drift or skew has. */
async function toldOf(
  monitoring: Pick<MonitoringStore, 'openIncident'>,
  { model, version }: WindowRow,
): Promise<string[]> {
  const open = await Promise.all(
    (['drift', 'skew'] as const).map((detector) => monitoring.openIncident(model, detector)),
  );
  return open.flatMap((incident) => (incident?.version === version ? incident.features : []));
}

/** Of a window that has one: where a detector that needs it speaks, there were rows to report on. */
const reportOf = async (objects: Pick<ObjectStore, 'readText'>, { report }: WindowRow): Promise<DriftReport> =>
  JSON.parse(await objects.readText(report!, REPORT_BYTES)) as DriftReport;

const dayOf = ({ start }: WindowRow): string => start.slice(0, 10);
