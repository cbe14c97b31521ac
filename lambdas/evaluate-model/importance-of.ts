import { PipelineError } from '../../domain/errors.ts';
import { type Importance, measureImportance } from '../../domain/evaluation/importance.ts';
import { type CopyPlan, rowsToCopy } from '../../domain/evaluation/permuted-copies.ts';
import { type HoldOutLabels, readScores } from '../../domain/evaluation/predictions.ts';
import { type Sample, subsample } from '../../domain/evaluation/sample.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { linesOf } from '../shared/read-predictions.ts';
import type { EvaluateModelInput } from './contract.ts';

/**
 * Permutation importance from the copies that were scored. It explains and decides nothing, so what goes wrong with it is said
 * instead of failing the evaluation.
 *
 * @returns undefined where the workflow did not say how the hold-out was copied: one that was started before it was
 */
export async function importanceOf(
  objects: ObjectStore,
  { importance: plan, copiesOutputUri }: Pick<EvaluateModelInput, 'importance' | 'copiesOutputUri'>,
  definition: ModelDefinition,
  candidate: Sample,
  labels: HoldOutLabels,
  seed: number,
): Promise<Importance | undefined> {
  if (!plan || 'why' in plan) return plan;
  if (copiesOutputUri === undefined) return { why: 'The copies of the hold-out were not scored.' };
  const rows = [...rowsToCopy(labels.truth.length, plan, seed)];
  try {
    const copies = await scoredCopies(objects, copiesOutputUri, definition, plan, labels, rows);
    const names = definition.features.map(({ name }) => name);
    return measureImportance(names, subsample(candidate, rows), copies, definition.problem, seed);
  } catch (error) {
    if (error instanceof PipelineError && error.name.startsWith('Prediction'))
      return { why: `The copies of the hold-out were not scored as they should be: ${error.message}` };
    throw error;
  }
}

/** Per feature, per repeat, in the order in which they were stacked. */
async function scoredCopies(
  objects: ObjectStore,
  uri: string,
  { features, problem, serving }: ModelDefinition,
  { repeats }: CopyPlan,
  { truth }: HoldOutLabels,
  rows: readonly number[],
): Promise<Sample[][]> {
  const lines = await linesOf(objects, uri);
  const labels = { rowIds: [], truth: Float64Array.from(rows, (row) => truth[row]!), attributes: new Map() };
  const whole = { ...labels, truth: new Float64Array(features.length * repeats * rows.length) };
  const { scoreColumn } = serving.response;
  // Counts them all first: a copy that is short would shift every later one.
  readScores(lines, scoreColumn, whole, 'candidate');
  return features.map((_, feature) =>
    Array.from({ length: repeats }, (_copy, repeat) => {
      const from = (feature * repeats + repeat) * rows.length;
      return readScores(lines.slice(from, from + rows.length), scoreColumn, labels, 'candidate', problem);
    }),
  );
}
