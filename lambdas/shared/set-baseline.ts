import { createHash } from 'node:crypto';
import { emptyProfile } from '../../domain/drift/baseline.ts';
import { mergeProfiles, type Profile } from '../../domain/drift/profile.ts';
import { baselineFromJson, baselineToJson, profileFromJson, profileToJson } from '../../domain/drift/profile-json.ts';
import { reBaseline } from '../../domain/drift/re-baseline.ts';
import { PREDICTION } from '../../domain/drift/verdict.ts';
import {
  LEAST_BASELINE_ROWS,
  MONITORING_BASELINE_SCHEMA,
  type MonitoringBaseline,
  type MonitoringBaselineDocument,
} from '../../domain/monitoring/monitoring-baseline.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';

export interface SetBaselineDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly objects: ObjectStore;
  readonly artifactsBucket: string;
  readonly now: Now;
}

export interface BaselineWish {
  readonly model: string;
  readonly version: number;
  /** Start of a checked window; absent: the training data again. */
  readonly window?: string;
  /** What is to be as the window had it. */
  readonly features: readonly string[];
  readonly by: string;
  readonly reason: string;
  /** Told again of the same wish, nothing more comes of it. */
  readonly origin: string;
}

export type SetBaseline =
  | { readonly kind: 'set'; readonly row: MonitoringBaseline }
  | { readonly kind: 'refused'; readonly why: string };

const BASELINE_BYTES = 64 * 1024 * 1024;

/**
 * Has the version's next windows held against a window that was as it should be, or against its training data again. A document of
 * its own is written for it; the approved baseline stays as it is.
 */
export async function setBaseline(dependencies: SetBaselineDependencies, wish: BaselineWish): Promise<SetBaseline> {
  const { monitoring, now } = dependencies;
  const before = await monitoring.currentBaseline(wish.model, wish.version);
  const common = {
    ...{ model: wish.model, version: wish.version, number: (before?.number ?? 0) + 1 },
    ...{ by: wish.by, at: now().toISOString(), reason: wish.reason, origin: wish.origin },
  };
  if (before?.origin === wish.origin) return { kind: 'set', row: before };
  if (wish.window === undefined) {
    if (!before?.document) return { kind: 'refused', why: 'it is held against its training data already' };
    return write(dependencies, { ...common, features: [] });
  }
  const window = await monitoring.findWindow(wish.model, wish.version, wish.window);
  const against = window ? reasonsAgainst(window) : `there is no checked window that starts at ${wish.window}`;
  if (!window || against !== undefined) return { kind: 'refused', why: against ?? '' };
  const made = await makeDocument(dependencies, wish, window);
  if (typeof made === 'string') return { kind: 'refused', why: made };
  return write(dependencies, {
    ...common,
    ...{ document: made, features: wish.features, rows: window.rows },
    window: { start: window.countsFrom, end: window.end },
  });
}

const reasonsAgainst = ({ rows, verdict, start }: WindowRow): string | undefined =>
  rows < LEAST_BASELINE_ROWS || verdict === 'InsufficientData'
    ? `the window of ${start} has ${rows} rows; a baseline needs ${LEAST_BASELINE_ROWS}`
    : undefined;

async function makeDocument(
  { lineage, monitoring, objects, artifactsBucket, now }: SetBaselineDependencies,
  { model, version: number, features }: BaselineWish,
  window: WindowRow,
): Promise<NonNullable<MonitoringBaseline['document']> | string> {
  const version = await lineage.getVersion(model, number);
  const trained = baselineFromJson(await objects.readText(version.baseline, BASELINE_BYTES));
  const names = [PREDICTION, ...trained.features.map(({ name }) => name)];
  const unknown = features.filter((name) => !names.includes(name));
  if (unknown.length > 0 || features.length === 0) {
    return `expected features of version ${number}, got ${unknown.join(', ') || 'none'}`;
  }
  let profile: Profile = emptyProfile(trained);
  const hours = await monitoring.listProfiles(model, number, { start: window.countsFrom, end: window.end });
  for (const { document } of hours) profile = mergeProfiles(profile, profileFromJson(await objects.readText(document)));
  const { baseline, prediction } = reBaseline(trained, profile, features);
  const document: MonitoringBaselineDocument = {
    schema: MONITORING_BASELINE_SCHEMA,
    baseline: baselineToJson(baseline),
    ...(prediction && { prediction: profileToJson({ rows: prediction.n, features: new Map(), prediction }) }),
  };
  const text = JSON.stringify(document);
  const key = `${version.team}/${model}/baselines/v${number}/${now().toISOString()}.json`;
  const stored = await objects.put({ bucket: artifactsBucket, key }, text, 'application/json');
  return { ...stored, sha256: createHash('sha256').update(text).digest('hex') };
}

async function write({ monitoring }: SetBaselineDependencies, row: MonitoringBaseline): Promise<SetBaseline> {
  const { version, number, features, window, document, by, reason } = row;
  const written = await monitoring.setBaseline(row, {
    type: document ? 'BaselineChanged' : 'BaselineRestored',
    actor: by,
    subject: `version/${version}`,
    details: { number, features, window, document: document?.sha256, reason },
  });
  return written ? { kind: 'set', row } : { kind: 'refused', why: 'somebody changed it a moment ago; look again' };
}
