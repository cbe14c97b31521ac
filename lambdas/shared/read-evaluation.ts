import { sha256Hex } from '../../adapters/sha256.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';

const MAX_BYTES = 4 * 1024 * 1024;

export type EvaluationReader = (version: VersionRow) => Promise<Evaluation>;

/**
 * Reads a version's evaluation document, and refuses one that is not what the row recorded: people are shown what their
 * approval is bound to.
 */
export const evaluationReader =
  (objects: ObjectStore): EvaluationReader =>
  async ({ version, evaluation }) => {
    if (!evaluation) throw new NotFoundError(`expected an evaluation of version ${version}, got none`);
    const text = await objects.readText(evaluation.document, MAX_BYTES);
    const sha256 = sha256Hex(text);
    if (sha256 !== evaluation.sha256) {
      throw new RangeError(`expected an evaluation with sha256 ${evaluation.sha256}, got ${sha256}`);
    }
    return JSON.parse(text) as Evaluation;
  };

/**
 * By feature, the share of the model's decisions that rests on it, 0 … 1.
 *
 * @returns undefined where it was not measured, or cannot be read any more: then it is not known, and nobody may wait for it
 */
export async function importanceOf(
  readEvaluation: EvaluationReader,
  version: VersionRow,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (!version.evaluation) return undefined;
  try {
    const { importance } = await readEvaluation(version);
    if (!importance || 'why' in importance) return undefined;
    return new Map(importance.features.map(({ feature, share }) => [feature, share]));
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof RangeError) return undefined;
    throw error;
  }
}
