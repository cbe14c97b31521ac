import { sha256Fraction } from '../../adapters/sha256.ts';
import { DatasetRefusedError, PipelineError } from '../../domain/errors.ts';
import { type Evaluation, evaluate } from '../../domain/evaluation/evaluate.ts';
import { readScores } from '../../domain/evaluation/predictions.ts';
import { seedFrom } from '../../domain/evaluation/random.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { blame } from '../../domain/outcome/blame.ts';
import type { LocalFile } from '../dataset-files.ts';
import { type PreparedTry, prepareTry } from './local-dataset.ts';
import { type PredictedHere, predictHere } from './predict-here.ts';
import type { ModelPrograms } from './programs.ts';
import { type TrainedHere, trainHere } from './train-here.ts';
import { TryFailure } from './try-failure.ts';
import { Workspace } from './workspace.ts';

/** What is tried, and on what. */
export interface TryInputs {
  readonly definition: ModelDefinition;
  readonly files: readonly LocalFile[];
  readonly programs: ModelPrograms;
  /** Archive of the code; script mode only. */
  readonly source: Uint8Array | undefined;
  /** About as many rows are tried. */
  readonly rows: number;
}

/** A model that was trained and scored here. */
export interface TriedModel {
  readonly prepared: PreparedTry;
  readonly trained: TrainedHere;
  readonly predicted: PredictedHere;
  readonly evaluation: Evaluation;
}

/** Told as it goes on. */
export interface TryProgress {
  readonly step: (line: string) => void;
  readonly output: (line: string) => void;
  readonly checked: (prepared: PreparedTry) => void;
}

/**
 * Checks, trains, serves and scores a model on this machine as the pipeline would.
 *
 * @throws {TryFailure} with the step, whose it is, and the last lines of the program
 */
export const tryModel = (inputs: TryInputs, progress: TryProgress): Promise<TriedModel> =>
  Workspace.during(async (workspace) => {
    const { definition, programs, files } = inputs;
    progress.step(`checking ${files.map(({ path }) => path).join(', ')}`);
    const prepared = await blaming('check the data', () => prepareTry(files, definition, inputs.rows, workspace));
    progress.checked(prepared);
    const { trainRows, holdoutRows } = prepared.counts;
    progress.step(`training on ${trainRows} rows with ${programs.runsOn}`);
    const trained = await trainHere(programs, definition, inputs.source, workspace, progress.output);
    progress.step(`asking for ${holdoutRows} predictions`);
    const predicted = await predictHere(programs, definition, prepared.holdout, workspace);
    const evaluation = await blaming('evaluate', async () => score(definition, prepared, predicted));
    return { prepared, trained, predicted, evaluation };
  });

function score(definition: ModelDefinition, prepared: PreparedTry, { lines }: PredictedHere): Evaluation {
  const { problem, serving } = definition;
  return evaluate({
    definition,
    labels: prepared.labels,
    candidate: readScores(lines, serving.response.scoreColumn, prepared.labels, 'candidate', problem),
    holdOut: undefined,
    champion: { kind: 'none' },
    seed: seedFrom(prepared.holdoutSha256),
    hashFraction: sha256Fraction,
  });
}

/** Whose an error of the pipeline's own rules is, as a release would say it. */
async function blaming<Result>(step: TryFailure['step'], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const problems =
      error instanceof DatasetRefusedError ? (error.details.problems as readonly string[] | undefined) : undefined;
    throw new TryFailure(step, blame(error).whose ?? 'Launchway', error.message, problems && { problems });
  }
}
