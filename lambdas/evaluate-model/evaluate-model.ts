import { sha256Fraction, sha256Hex } from '../../adapters/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { profilePredictions } from '../../domain/drift/prediction.ts';
import { baselineFromJson, profileToJson } from '../../domain/drift/profile-json.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { type EvaluationInput, evaluate } from '../../domain/evaluation/evaluate.ts';
import { gatesPass } from '../../domain/evaluation/gates-pass.ts';
import type { Intervals } from '../../domain/evaluation/intervals.ts';
import type { Operation, TransformTime } from '../../domain/evaluation/operation.ts';
import { type HoldOutLabels, readScores } from '../../domain/evaluation/predictions.ts';
import { seedFrom } from '../../domain/evaluation/random.ts';
import type { Sample } from '../../domain/evaluation/sample.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import { countOutcomes } from '../../domain/quality/estimate.ts';
import { countDecisionOutcomes } from '../../domain/quality/estimate-classes.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { EvaluationResult } from '../../domain/step-results.ts';
import { jobCostUsd } from '../../domain/training/prices.ts';
import type { VersionRow } from '../../domain/version.ts';
import { type EvaluationView, evaluationPage } from '../../web/evaluation-page.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { labelsOf, linesOf, predictionsIn } from '../shared/read-predictions.ts';
import type { EvaluateModelInput, EvaluateModelOutput } from './contract.ts';
import { importanceOf } from './importance-of.ts';

export interface EvaluateModelDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  /** With the gates that the tier adds. */
  readonly readDefinition: DefinitionReader;
  readonly artifactsBucket: string;
  /** For the price of its jobs. */
  readonly region: string;
}

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
    const evaluation = row.steps.evaluation ?? (await judge(dependencies, input, row, version));
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
  dependencies: EvaluateModelDependencies,
  input: EvaluateModelInput,
  row: ReleaseRow,
  version: VersionRow,
): Promise<EvaluationResult> {
  const { lineage, objects, readDefinition, artifactsBucket, region } = dependencies;
  const { model, release, candidateOutputUri } = input;
  const definition = await readDefinition(version.definition);
  const labels = await labelsOf(objects, version.prepared, definition.problem);
  const { scoreColumn } = definition.serving.response;
  const seed = seedFrom(version.prepared.holdoutSha256);
  const candidate = readScores(
    await linesOf(objects, candidateOutputUri),
    scoreColumn,
    labels,
    'candidate',
    definition.problem,
  );
  const serving = await servingVersion(lineage, model);
  const champion = await championOf(objects, serving, input, definition, labels);
  const importance = await importanceOf(objects, input, definition, candidate, labels, seed);
  const operation = operationOf(input, definition, version, serving, region);
  const evaluation = evaluate({
    definition,
    labels,
    candidate,
    holdOut: version.prepared.split,
    champion,
    operation,
    ...(version.artifact.customMetrics && { custom: version.artifact.customMetrics }),
    ...(importance && { importance }),
    seed,
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
  const sha256 = sha256Hex(document);
  return {
    document: stored,
    sha256,
    page: await keepPage(objects, artifactsBucket, { evaluation, release: row, version, definition, digest: sha256 }),
    passed: evaluation.passed,
    metrics: evaluation.candidate.metrics,
    gates: evaluation.gates,
    predictionsUri: predictionsIn(candidateOutputUri),
    ...(operation.costUsd !== undefined && { costUsd: operation.costUsd }),
    standardErrors: errorsIn(evaluation.candidate.intervals),
    ...(evaluation.champion && {
      comparedWith: evaluation.champion.version,
      comparison: { rows: evaluation.champion.rows, standardErrors: errorsIn(evaluation.champion.differences) },
    }),
    ...(await storeOutcomes(objects, artifactsBucket, version, candidate, definition)),
    predictionProfile: await storePredictions(objects, artifactsBucket, version, firstScores(candidate), definition),
  };
}

/** Written once, under its digest: what people read of an evaluation stays what they read. */
async function keepPage(objects: ObjectStore, bucket: string, view: EvaluationView) {
  const { body, headers } = evaluationPage(view);
  const { team, model, release } = view.version;
  const sha256 = sha256Hex(body);
  const at = { bucket, key: `${team}/${model}/releases/${release}/evaluation-${sha256}.html` };
  await objects.putOnce(at, body, headers['content-type']!);
  return { ...at, sha256 };
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

/** Counted as live predictions are: how often each score, or of several classes each decision, came true. */
async function storeOutcomes(
  objects: ObjectStore,
  bucket: string,
  { team, model, release }: VersionRow,
  sample: Sample,
  { problem }: ModelDefinition,
): Promise<Pick<EvaluationResult, 'scoreOutcomes'>> {
  if (problem.type === 'regression') return {};
  const outcomes = problem.classes
    ? countDecisionOutcomes(sample)
    : countOutcomes(sample.scores, sample.truth, SCORE_EDGES);
  if (!outcomes) return {};
  const key = `${team}/${model}/releases/${release}/score-outcomes.json`;
  return { scoreOutcomes: await objects.put({ bucket, key }, JSON.stringify(outcomes), 'application/json') };
}

const servingVersion = async (lineage: LineageStore, model: string): Promise<VersionRow | undefined> => {
  const { champion } = await lineage.getModel(model);
  return champion && lineage.getVersion(model, champion.version);
};

async function championOf(
  objects: ObjectStore,
  serving: VersionRow | undefined,
  { championOutputUri }: EvaluateModelInput,
  { problem, serving: { response } }: ModelDefinition,
  labels: HoldOutLabels,
): Promise<EvaluationInput['champion']> {
  if (!serving) return { kind: 'none' };
  const { version, prepared } = serving;
  if (championOutputUri === undefined) return { kind: 'otherFeatures', version };
  const sample = readScores(
    await linesOf(objects, championOutputUri),
    response.scoreColumn,
    labels,
    'champion',
    problem,
  );
  return { kind: 'scored', version, sample, holdOut: prepared.split };
}

/** How long the jobs took, and what they cost at list price. */
function operationOf(
  { seconds = {}, importance }: EvaluateModelInput,
  { training, features }: ModelDefinition,
  { artifact, prepared }: VersionRow,
  serving: VersionRow | undefined,
  region: string,
): Operation {
  const instanceType = training.instance.types[0]!;
  const timed = (rows: number, of: number | undefined): TransformTime | undefined =>
    of === undefined ? undefined : { rows, seconds: of };
  const holdOut = timed(prepared.holdoutRows, seconds.candidate);
  const copiedRows = importance && 'rows' in importance ? importance.rows * importance.repeats * features.length : 0;
  const copies = timed(copiedRows, seconds.copies);
  const transform = copies && copies.rows > prepared.holdoutRows ? copies : holdOut;
  const championTime = timed(prepared.holdoutRows, seconds.champion);
  const all = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const costUsd = jobCostUsd(region, instanceType, 1, all);
  return {
    instanceType,
    artifactBytes: artifact.bytes,
    ...(holdOut && { holdOut }),
    ...(transform && { transform }),
    ...(serving && {
      champion: { artifactBytes: serving.artifact.bytes, ...(championTime && { holdOut: championTime }) },
    }),
    ...(costUsd !== undefined && { costUsd }),
  };
}
