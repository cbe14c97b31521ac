import type { NumericProfile } from '../../domain/drift/profile.ts';
import { seededRandom } from '../../domain/evaluation/random.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { estimateQuality, type QualityEstimate, type ScoreOutcomes } from '../../domain/quality/estimate.ts';
import type { VersionRow } from '../../domain/release.ts';

/**
 * What the window's predictions are expected to be worth, before anybody knows what became of them.
 *
 * @returns undefined for a problem that is not estimated, and for versions of before, whose hold-out was not counted
 */
export async function estimateWindow(
  objects: Pick<ObjectStore, 'readText'>,
  { evaluation }: VersionRow,
  { problem }: ModelDefinition,
  prediction: NumericProfile | undefined,
  windowStart: string,
): Promise<QualityEstimate | undefined> {
  if (problem.type !== 'binary-classification' || !evaluation?.scoreOutcomes || !prediction) return undefined;
  const holdOut = JSON.parse(await objects.readText(evaluation.scoreOutcomes)) as ScoreOutcomes;
  const random = seededRandom(Math.floor(Date.parse(windowStart) / 1000));
  return estimateQuality(holdOut, prediction.counts, problem.decisionThreshold, random);
}
