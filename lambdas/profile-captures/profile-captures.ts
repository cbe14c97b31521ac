import { closedWindows, firstUnchecked } from '../../domain/drift/persistence.ts';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import type { Champion, ModelRow } from '../../domain/model.ts';
import type { Served } from '../../domain/monitoring/keys.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import type { VersionRow } from '../../domain/version.ts';
import { isAlertDue } from '../shared/alert-due.ts';
import { listHours } from '../shared/list-hours.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { HotHour, ProfileCapturesInput, ProfileCapturesOutput } from './contract.ts';
import { type NewHour, planHour, profileHour } from './profile-hour.ts';

export interface ProfileCapturesDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly labels: Pick<QualityStore, 'listOpenLabelFiles'>;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  readonly buckets: { readonly captures: string; readonly artifacts: string };
  readonly now: Now;
  readonly limits: {
    /** Read here in one call; hours beyond are handed on as plans. */
    readonly hoursAtOnceBytes: number;
    readonly batchBytes: number;
  };
}

/**
 * Profiles every full hour of the champion's captures that is new or has grown, and names the windows that are due.
 *
 * Hours of windows that are not checked yet are looked at each time, so a file that arrives late is counted; an hour is
 * always counted from all its files, so nothing counts twice.
 */
export const profileCaptures =
  (dependencies: ProfileCapturesDependencies) =>
  async ({ model: name, scheduledTime }: ProfileCapturesInput): Promise<ProfileCapturesOutput> => {
    const { lineage, monitoring, labels, readDefinition } = dependencies;
    const model = await lineage.getModel(name);
    const { champion } = model;
    if (!champion)
      return { version: 0, records: 0, hotHours: [], closedWindows: [], governed: false, outcomesDue: false };

    const version = await lineage.getVersion(name, champion.version);
    const definition = await readDefinition(version.definition);
    const { windowHours } = definition.monitoring;
    const [last] = await monitoring.lastWindows(name, champion.version, 1);
    const at = new Date(scheduledTime);

    const start = firstUnchecked(champion.since, windowHours, last?.end);
    const hours = await newHours(dependencies, servedBy(model, champion), start, at);
    const { scoreColumn } = definition.serving.response;
    const { records, hotHours } = await profileHours(dependencies, version, scoreColumn, hours);

    const due = closedWindows(champion.since, windowHours, last?.end, at).map((window) => window.start);
    // A check that died before its incidents were opened, or whose alert reached nobody, is handed on again.
    const isUnsettled = last && (last.settledAt === undefined || (await isAlertDue(monitoring, name)));
    const untold = isUnsettled ? [last.start] : [];
    const { onDrift, retrain } = definition.monitoring;
    const governed = onDrift === 'retrain' || (retrain?.schedule ?? 'none') !== 'none' || model.startOn === 'schedule';
    const uploaded = (await labels.listOpenLabelFiles(name, at)).some(({ status }) => status === 'Received');
    const outcomesDue = uploaded || due.length > 0;
    return { version: champion.version, records, hotHours, closedWindows: [...untold, ...due], governed, outcomesDue };
  };

const servedBy = ({ team, model }: ModelRow, { version, endpointName }: Champion): Served => ({
  team,
  model,
  version,
  endpointName,
});

/** Full hours since `start` whose files are not the ones that were profiled. */
async function newHours(
  { monitoring, objects, buckets }: ProfileCapturesDependencies,
  served: Served,
  start: string,
  at: Date,
): Promise<NewHour[]> {
  const during = { start, end: startOfHour(at) };
  if (during.start >= during.end) return [];
  const profiled = await monitoring.listProfiles(served.model, served.version, during);
  const revisions = new Map(profiled.map(({ hour, revision }) => [hour, revision]));
  const listed = await listHours(objects, buckets.captures, served, during);
  return listed
    .map((hour) => ({ ...hour, served, seen: revisions.get(hour.hour) }))
    .filter(({ revision, seen }) => revision !== seen);
}

/** Hours in their order, as long as this call can read them; the others are planned, to be read by many. */
async function profileHours(
  dependencies: ProfileCapturesDependencies,
  version: VersionRow,
  scoreColumn: number,
  hours: readonly NewHour[],
): Promise<Pick<ProfileCapturesOutput, 'records' | 'hotHours'>> {
  const hotHours: HotHour[] = [];
  if (hours.length === 0) return { records: 0, hotHours };
  const baseline = baselineFromJson(await dependencies.objects.readText(version.baseline));
  let records = 0;
  let left = dependencies.limits.hoursAtOnceBytes;
  for (const hour of hours) {
    const bytes = hour.files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > left) {
      hotHours.push(await planHour(dependencies, version, scoreColumn, hour));
      continue;
    }
    left -= bytes;
    records += await profileHour(dependencies, baseline, scoreColumn, hour);
  }
  return { records, hotHours };
}

const startOfHour = (at: Date): string => `${at.toISOString().slice(0, 13)}:00:00.000Z`;
