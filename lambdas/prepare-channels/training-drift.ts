import { profileOver } from '../../domain/drift/baseline.ts';
import { measureFeature } from '../../domain/drift/measures.ts';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import { type FeatureVerdict, judge } from '../../domain/drift/verdict.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { ChampionDrift, DataReport, TrainingDrift } from '../../domain/tabular/data-report.ts';
import type { VersionRow } from '../../domain/version.ts';

/** Watches new training rows as they are written. */
export interface TrainingDriftWatch {
  readonly row: (features: readonly string[]) => void;
  readonly finish: () => ChampionDrift;
}

/**
 * Holds new training rows against those the champion was trained on, with the measures and the policy of monitoring.
 *
 * @returns undefined where nothing serves, or what serves reads other features
 */
export async function watchTrainingDrift(
  { lineage, objects }: { readonly lineage: LineageStore; readonly objects: ObjectStore },
  { model, features, monitoring }: ModelDefinition,
): Promise<TrainingDriftWatch | undefined> {
  const { champion } = await lineage.getModel(model);
  if (!champion) return undefined;
  const version = await lineage.getVersion(model, champion.version);
  const baseline = baselineFromJson(await objects.readText(version.baseline));
  const same = features.map(({ name, type }) => `${type} ${name}`).join('\n');
  if (baseline.features.map(({ name, type }) => `${type} ${name}`).join('\n') !== same) return undefined;
  const before = await madeFrom(lineage, objects, version);
  const builder = profileOver(baseline);
  return {
    row: (values) =>
      builder.row(
        values.map((value) => value || null),
        undefined,
      ),
    finish: () => {
      const current = builder.profile.features;
      const measured = baseline.features.map((feature) => measureFeature(feature, current.get(feature.name)!));
      const drifted = judge(measured, monitoring.drift).features.filter(({ verdict }) => verdict === 'Drifted');
      return { againstVersion: champion.version, ...before, features: drifted.map(worstMeasure) };
    },
  };
}

function worstMeasure({ name, measures }: FeatureVerdict): TrainingDrift {
  const { statistic, value, threshold } = measures.toSorted(
    (a, b) => b.value / b.threshold - a.value / a.threshold,
  )[0]!;
  return { feature: name, statistic, value, threshold };
}

/** What the champion's own data report says of its size and labels. */
async function madeFrom(
  lineage: LineageStore,
  objects: ObjectStore,
  { model, release }: VersionRow,
): Promise<Pick<ChampionDrift, 'rows' | 'classes'>> {
  const { dataReport } = (await lineage.getRelease(model, release)).steps;
  if (!dataReport) return {};
  const { rows, classes } = JSON.parse(await objects.readText(dataReport)) as DataReport;
  return { rows, ...(classes && { classes }) };
}
