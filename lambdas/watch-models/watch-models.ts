import type { ModelRow } from '../../domain/model.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { digestMail } from '../../domain/monitoring/digest-mail.ts';
import { type Blindness, blindnessOf } from '../../domain/monitoring/overdue.ts';
import type { MetricRecorder, MonitoringSchedules } from '../../domain/monitoring/ports.ts';
import type { Finding, IncidentRow } from '../../domain/monitoring/rows.ts';
import type { TellIncidentDependencies } from '../shared/compose-incident-mail.ts';
import { settleLook } from '../shared/settle-finding.ts';
import { tellUntold } from '../shared/tell-incident.ts';
import { type TellSystemsDependencies, tellSystems } from '../shared/tell-systems.ts';
import type { WatchModelsInput, WatchModelsOutput } from './contract.ts';
import { type WatchAgeDependencies, watchAge } from './watch-age.ts';

export interface WatchModelsDependencies
  extends TellIncidentDependencies,
    Pick<WatchAgeDependencies, 'staleness'>,
    Pick<TellSystemsDependencies, 'events' | 'onUnheard'> {
  readonly schedules: MonitoringSchedules;
  readonly metrics: MetricRecorder;
  /** Told of a model that could not be looked at; the others are. */
  readonly onUnwatched: (error: unknown, model: string) => void;
}

/** Other systems could not be told; the next hour tries again. */
export class EventsOwedError extends Error {
  override readonly name = 'EventsOwedError';
}

const STEP = 'launchway:watch-models';
/** The hour, UTC, at which the day's digests go out. */
const DIGEST_HOUR = 6;

/**
 * Hourly, from outside of monitoring: a check that did not run, a schedule that is off, captures that are missing, a model that
 * became too old are incidents too. Once a day it sends what waits for the digest. What other systems are owed is tried again.
 *
 * @throws {EventsOwedError} when all else is done
 */
export const watchModels =
  (dependencies: WatchModelsDependencies) =>
  async (_input: WatchModelsInput): Promise<WatchModelsOutput> => {
    const { served, lineage, onUnwatched } = dependencies;
    const models: ModelRow[] = [];
    let blind = 0;
    const names = await served.listServed();
    const ofEach = async (act: (name: string) => Promise<void>): Promise<void> => {
      for (const name of names) await act(name).catch((error) => onUnwatched(error, name));
    };
    await ofEach(async (name) => {
      const model = await lineage.getModel(name);
      models.push(model);
      if (await watch(dependencies, model)) blind += 1;
      await watchAge(dependencies, model, STEP);
    });
    dependencies.metrics.record({
      at: dependencies.now(),
      values: { ModelsServed: names.length, ModelsNotWatched: blind },
    });
    // Once all were looked at: what several models share is told once.
    await ofEach(async (name) => void (await tellUntold(dependencies, name, STEP)));
    if (dependencies.now().getUTCHours() === DIGEST_HOUR) await sendDigests(dependencies, models);
    // Last: people are told whether or not other systems can be.
    const owed = await tellSystems(dependencies);
    if (owed > 0) throw new EventsOwedError(`expected every event to be taken, got ${owed} that are still owed`);
    return { models: models.length, blind };
  };

/** @returns whether its monitoring does not see */
async function watch(dependencies: WatchModelsDependencies, model: ModelRow): Promise<boolean> {
  const { lineage, monitoring, schedules, readDefinition, now } = dependencies;
  const { champion } = model;
  if (!champion) return false;
  const version = await lineage.getVersion(model.model, champion.version);
  const { monitoring: rules } = await readDefinition(version.definition);
  const [last] = await monitoring.lastWindows(model.model, champion.version, 1);
  const schedule = await schedules.state(model.model);
  const found = blindnessOf({ champion, windowHours: rules.windowHours, schedule, last }, now());
  const find = async () => (found.length === 0 ? undefined : findingOf(model.model, champion.version, found, now()));
  const over = async () => 'monitoring sees again';
  const of = { model: model.model, version: champion.version, serving: champion.version, start: now().toISOString() };
  await settleLook(dependencies, { ...of, detector: 'monitoring', find, over }, STEP);
  return found.length > 0;
}

const findingOf = (model: string, version: number, found: readonly Blindness[], at: Date): Finding => ({
  model,
  version,
  detector: 'monitoring',
  start: at.toISOString(),
  windowStart: at.toISOString(),
  severity: 'mail',
  summary: `${model} is not watched: ${found.map(({ why }) => why).join('; ')}`,
  features: found.map(({ what }) => what),
  causes: [],
  evidence: [
    {
      kind: 'paragraph',
      text: 'Predictions go on. That nothing was reported since does not mean that nothing happened.',
    },
    { kind: 'list', items: found.map(({ why }) => why) },
  ],
});

/** One mail per owner with all that was too small for one of its own. */
async function sendDigests(dependencies: WatchModelsDependencies, models: readonly ModelRow[]): Promise<void> {
  const { monitoring, mailer, now } = dependencies;
  const waiting = new Map<string, IncidentRow[]>();
  const answers = new Map<string, string[]>();
  for (const { model, owner } of models) {
    const incidents = await monitoring.listIncidents(model);
    const due = incidents.filter((one) => one.severity === 'digest' && one.notifiedAt === undefined);
    if (due.length > 0) waiting.set(owner, [...(waiting.get(owner) ?? []), ...due]);
    const precision = precisionOf(incidents).map((one) => `${model}: ${precisionInWords(one)}`);
    answers.set(owner, [...(answers.get(owner) ?? []), ...precision]);
  }
  for (const [owner, incidents] of waiting) {
    await mailer.send(digestMail(owner, incidents, answers.get(owner)));
    for (const incident of incidents) {
      await monitoring.recordNotified(incident, now().toISOString(), [owner], {
        type: 'IncidentNotified',
        actor: STEP,
        subject: `incident/${incident.detector}/${incident.start}`,
        details: { toldTo: [owner], severity: 'digest' },
      });
    }
  }
}
