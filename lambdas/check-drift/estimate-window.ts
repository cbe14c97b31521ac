import type { Profile } from '../../domain/drift/profile.ts';
import { seededRandom } from '../../domain/evaluation/random.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { estimateQuality, type QualityEstimate, type ScoreOutcomes } from '../../domain/quality/estimate.ts';
import { type DecisionOutcomes, estimateClasses } from '../../domain/quality/estimate-classes.ts';
import type { VersionRow } from '../../domain/version.ts';

/**
 * What the window's predictions are expected to be worth, before anybody knows what became of them.
 *
 * @returns undefined for a problem that is not estimated, and for versions of before, whose hold-out or decisions were not counted
 */
export async function estimateWindow(
  objects: Pick<ObjectStore, 'readText'>,
  { evaluation }: VersionRow,
  { problem }: ModelDefinition,
  { prediction, decisions }: Pick<Profile, 'prediction' | 'decisions'>,
  windowStart: string,
): Promise<QualityEstimate | undefined> {
  const outcomes = evaluation?.scoreOutcomes;
  if (!outcomes) return undefined;
  const random = seededRandom(Math.floor(Date.parse(windowStart) / 1000));
  if (problem.type === 'binary-classification' && prediction) {
    const holdOut = JSON.parse(await objects.readText(outcomes)) as ScoreOutcomes;
    return estimateQuality(holdOut, prediction.counts, problem.decisionThreshold, random);
  }
  if (problem.classes && decisions) {
    const holdOut = JSON.parse(await objects.readText(outcomes)) as DecisionOutcomes;
    return estimateClasses(holdOut, decisions, problem.classes, random);
  }
  return undefined;
}
