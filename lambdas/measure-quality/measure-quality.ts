import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { AlertPublisher, FleetStore, MetricRecorder, MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { LineageStore, Mailer, Now, ObjectStore } from '../../domain/ports.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import { qualityMetrics } from '../../domain/quality/quality-metrics.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { AskStalenessDependencies } from '../shared/ask-staleness.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type TellSystemsDependencies, tellSystems } from '../shared/tell-systems.ts';
import type { MeasureQualityInput, MeasureQualityOutput } from './contract.ts';
import { evaluateDue } from './evaluate-due.ts';
import { findWindows } from './find-windows.ts';
import { joinFiles } from './join-files.ts';
import { scheduleStaleness } from './schedule-staleness.ts';
import { settleQuality } from './settle-quality.ts';

export interface MeasureQualityDependencies
  extends Pick<TellSystemsDependencies, 'events' | 'onUnheard'>,
    AskStalenessDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly fleet: FleetStore;
  readonly quality: QualityStore;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  readonly mailer: Mailer;
  readonly publisher: AlertPublisher;
  readonly metrics: MetricRecorder;
  readonly config: Pick<DeployedConfig, 'people'>;
  readonly buckets: { readonly captures: string; readonly artifacts: string };
  readonly now: Now;
}

export const STEP = 'launchway:measure-quality';

/** What one occurrence works on. */
export interface Occasion {
  readonly model: ModelRow;
  readonly champion: VersionRow;
  /** As the version that serves was defined. */
  readonly definition: ModelDefinition;
  /** The occurrence of the schedule. */
  readonly at: Date;
}

/**
 * Joins uploaded outcomes with the predictions they are of, and evaluates the windows whose outcomes are complete, or whose
 * outcomes changed since.
 *
 * A window's captures are read once, for an index of its predictions. Each file of outcomes is looked for in each window's index at
 * most once, newest window first, until all of its labels are found: work is linear in the labels and in the predictions of the
 * windows they belong to, and does not grow with the number of files.
 */
export const measureQuality =
  (dependencies: MeasureQualityDependencies) =>
  async ({ model: name, scheduledTime }: MeasureQualityInput): Promise<MeasureQualityOutput> => {
    const { lineage, quality, readDefinition } = dependencies;
    const model = await lineage.getModel(name);
    if (!model.champion) return { files: 0, matched: 0, evaluated: 0 };
    const champion = await lineage.getVersion(name, model.champion.version);
    const definition = await readDefinition(champion.definition);
    const occasion = { model, champion, definition, at: new Date(scheduledTime) };

    const files = await quality.listOpenLabelFiles(name, occasion.at);
    const windows = await findWindows(dependencies, occasion);
    const matched = files.length === 0 ? 0 : await joinFiles(dependencies, occasion, files, windows);
    const evaluated = await evaluateDue(dependencies, occasion, windows);
    const newest = await settleQuality(dependencies, occasion);
    if (matched > 0 || evaluated > 0) {
      const values = { LabelsMatched: matched, WindowsEvaluated: evaluated, ...(newest && qualityMetrics(newest)) };
      dependencies.metrics.record({ model: name, version: champion.version, at: dependencies.now(), values });
    }
    await tellSystems(dependencies, name);
    await scheduleStaleness(dependencies, occasion);
    return { files: files.length, matched, evaluated };
  };
