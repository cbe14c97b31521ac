import { sha256Fraction, sha256Hex } from '../../adapters/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { profilePredictions } from '../../domain/drift/prediction.ts';
import { baselineFromJson, profileToJson } from '../../domain/drift/profile-json.ts';
import { NotFoundError, PredictionsUnreadableError } from '../../domain/errors.ts';
import { type EvaluationInput, evaluate } from '../../domain/evaluation/evaluate.ts';
import { gatesPass } from '../../domain/evaluation/gates-pass.ts';
import type { Intervals } from '../../domain/evaluation/intervals.ts';
import { type HoldOutLabels, readLabels, readScores } from '../../domain/evaluation/predictions.ts';
import type { Sample } from '../../domain/evaluation/sample.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { isNotUtf8 } from '../../domain/not-utf8.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { EvaluationResult, VersionRow } from '../../domain/release.ts';
import { parseS3Uri } from '../../domain/s3-uri.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { EvaluateModelInput, EvaluateModelOutput } from './contract.ts';

export interface EvaluateModelDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  /** With the gates that the tier adds. */
  readonly readDefinition: DefinitionReader;
  readonly artifactsBucket: string;
}

const MAX_PREDICTIONS_BYTES = 200 * 1024 * 1024;

/**
 * Judges a candidate on the hold-out's answers, and against what serves.
 *
 * @throws {PredictionCountError} a line too many or too few
 * @throws {PredictionNotANumberError} NaN, text, another column
 * @throws {PredictionsUnreadableError} no predictions at all
 * @throws {HoldOutOneClassError} nothing can be told apart on such a hold-out
 */
export const evaluateModel =
  (dependencies: EvaluateModelDependencies) =>
  async (input: EvaluateModelInput): Promise<EvaluateModelOutput> => {
    const { lineage } = dependencies;
    const { model, release } = input;
    const row = await lineage.getRelease(model, release);
    if (row.version === undefined)
      throw new NotFoundError(`expected a sealed version of release ${model}/${release}, got none`);
    const version = await lineage.getVersion(model, row.version);
    const evaluation = row.steps.evaluation ?? (await judge(dependencies, input, version));
    const event = {
      type: 'ModelEvaluated',
      actor: 'launchway:evaluate-model',
      subject: `version/${version.version}`,
      details: {
        passed: evaluation.passed,
        evaluation: evaluation.sha256,
        comparedWith: evaluation.comparedWith,
        failed: evaluation.gates.filter((gate) => !gatesPass([gate])).map(({ metric }) => metric),
      },
    };
    await lineage.recordSteps(model, release, { evaluation }, event);
    const next = evaluation.passed ? 'Validated' : 'Refused';
    await lineage.moveVersion(model, version.version, next, { evaluation }, { ...event, type: `Version${next}` });
    return { passed: evaluation.passed };
  };

async function judge(
  { lineage, objects, readDefinition, artifactsBucket }: EvaluateModelDependencies,
  { model, release, candidateOutputUri, championOutputUri }: EvaluateModelInput,
  version: VersionRow,
): Promise<EvaluationResult> {
  const definition = await readDefinition(version.definition);
  const labels = await labelsOf(objects, version, definition.problem);
  const { scoreColumn } = definition.serving.response;
  const candidate = readScores(
    await linesOf(objects, candidateOutputUri),
    scoreColumn,
    labels,
    'candidate',
    definition.problem,
  );
  const champion = await championOf(lineage, objects, model, championOutputUri, definition, labels);
  const evaluation = evaluate({
    definition,
    labels,
    candidate,
    holdOut: version.prepared.split,
    champion,
    seed: Number.parseInt(version.prepared.holdoutSha256.slice(0, 8), 16) || 1,
    hashFraction: sha256Fraction,
  });
  const document = canonicalJson({
    ...evaluation,
    model,
    release,
    version: version.version,
    artifact: version.artifact.object.sha256,
    holdout: version.prepared.holdoutSha256,
  });
  const key = `${version.team}/${model}/releases/${release}/evaluation.json`;
  const stored = await objects.put({ bucket: artifactsBucket, key }, document, 'application/json');
  return {
    document: stored,
    sha256: sha256Hex(document),
    passed: evaluation.passed,
    metrics: evaluation.candidate.metrics,
    gates: evaluation.gates,
    predictionsUri: predictionsIn(candidateOutputUri),
    standardErrors: errorsIn(evaluation.candidate.intervals),
    ...(evaluation.champion && { comparedWith: evaluation.champion.version }),
    predictionProfile: await storePredictions(objects, artifactsBucket, version, firstScores(candidate), definition),
  };
}

const errorsIn = (intervals: Intervals = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(intervals).map(([metric, { standardError }]) => [metric, standardError]));

/** What the first score column says: live, a multiclass model is watched by its first class's probability. */
const firstScores = ({ scores, classes }: Sample): Float64Array => classes?.[0]?.scores ?? scores;

/** Counted as live predictions are, over the bins that the version's baseline gave them. */
async function storePredictions(
  objects: ObjectStore,
  bucket: string,
  { team, model, release, baseline }: VersionRow,
  scores: ArrayLike<number>,
  { problem }: ModelDefinition,
): Promise<ObjectRef> {
  const isRegression = problem.type === 'regression';
  const edges = isRegression ? baselineFromJson(await objects.readText(baseline)).prediction.edges : SCORE_EDGES;
  const key = `${team}/${model}/releases/${release}/predictions.json`;
  return objects.put({ bucket, key }, profileToJson(profilePredictions(scores, edges)), 'application/json');
}

async function labelsOf(objects: ObjectStore, version: VersionRow, problem: Parameters<typeof readLabels>[1]) {
  const records: (readonly string[])[] = [];
  const labels = await objects.read(parseS3Uri(`${version.prepared.uri}/holdout/labels.csv`));
  for await (const batch of csvRecords(labels)) records.push(...batch.map(({ fields }) => fields));
  return readLabels(records, problem);
}

async function championOf(
  lineage: LineageStore,
  objects: ObjectStore,
  model: string,
  outputUri: string | undefined,
  { problem, serving }: ModelDefinition,
  labels: HoldOutLabels,
): Promise<EvaluationInput['champion']> {
  const { champion } = await lineage.getModel(model);
  if (!champion) return { kind: 'none' };
  if (outputUri === undefined) return { kind: 'otherFeatures', version: champion.version };
  const { prepared } = await lineage.getVersion(model, champion.version);
  const sample = readScores(
    await linesOf(objects, outputUri),
    serving.response.scoreColumn,
    labels,
    'champion',
    problem,
  );
  return { kind: 'scored', version: champion.version, sample, holdOut: prepared.split };
}

/** Batch transform names its output after its input. */
const predictionsIn = (folder: string): string => `${folder.replace(/\/$/, '')}/features.csv.out`;

async function linesOf(objects: ObjectStore, folder: string): Promise<string[]> {
  const object: ObjectRef = parseS3Uri(predictionsIn(folder));
  try {
    const text = await objects.readText(object, MAX_PREDICTIONS_BYTES);
    const lines = text.split(/\r?\n/);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof RangeError || isNotUtf8(error)) {
      throw new PredictionsUnreadableError(
        `expected predictions at ${object.key}, got: ${(error as Error).message}`,
        {},
        { cause: error },
      );
    }
    throw error;
  }
}
