import { createHash } from 'node:crypto';
import { type Baseline, BaselineBuilder, PROFILE_BINS, SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { CalibrationBuilder } from '../../domain/drift/calibration.ts';
import { readNumber } from '../../domain/drift/profile-builder.ts';
import { baselineToJson } from '../../domain/drift/profile-json.ts';
import { atomEdges, type Edges } from '../../domain/drift/quantile.ts';
import { DatasetRefusedError, NotFoundError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { preparedObject } from '../../domain/monitoring/keys.ts';
import { COMPARISON_THRESHOLD, constraintsOf, statisticsOf } from '../../domain/monitoring/model-monitor-format.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { BaselineFiles, PreparedData } from '../../domain/step-results.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { ProfileBaselineInput, ProfileBaselineOutput } from './contract.ts';

/** Numbers that a baseline may hold at once, to cut their bins: 8 bytes each, twice that while their array grows. */
const MAX_NUMBERS = 40_000_000;

export interface ProfileBaselineDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  /** @default MAX_NUMBERS */
  readonly maxNumbers?: number;
}

/** Profiles the training rows, so that what is captured later can be held against them. */
export const profileBaseline =
  ({ lineage, objects, readDefinition, maxNumbers = MAX_NUMBERS }: ProfileBaselineDependencies) =>
  async ({ model, release: number }: ProfileBaselineInput): Promise<ProfileBaselineOutput> => {
    const release = await lineage.getRelease(model, number);
    const prepared = release.steps.prepared;
    if (!prepared) throw new NotFoundError(`expected prepared data of release ${model}/${number}, got none`);

    const definition = await readDefinition(release.inputs.definition);
    const stride = strideOf(prepared.trainRows, definition, maxNumbers);
    const train = preparedObject(prepared, 'train/train.csv');
    const baseline = await profileTraining(objects, train, definition, prepared.inTimeOrder ?? false, stride);
    const document = await writeOnce(objects, preparedObject(prepared, 'baseline.json'), baselineToJson(baseline));
    const baselineFiles = await writeFiles(objects, prepared, baseline);

    const audit = {
      type: 'BaselineProfiled',
      actor: 'launchway:profile-baseline',
      subject: `release/${number}`,
      details: { rows: baseline.rows, ...(stride > 1 && { ofEvery: stride }), sha256: document.sha256 },
    };
    await lineage.recordSteps(model, number, { baseline: document, baselineFiles }, audit);
    return { rows: baseline.rows };
  };

/** Of how many rows one is profiled: all of them, until their numbers are too many to be held. */
const strideOf = (rows: number, { features }: ModelDefinition, maxNumbers: number): number =>
  Math.max(1, Math.ceil((rows * (features.filter(({ type }) => type === 'numeric').length + 1)) / maxNumbers));

/** The same in Model Monitor's format, for tools that read that; with its own threshold, which no definition changes. */
async function writeFiles(objects: ObjectStore, prepared: PreparedData, baseline: Baseline): Promise<BaselineFiles> {
  const write = (name: string, document: unknown) =>
    writeOnce(objects, preparedObject(prepared, name), JSON.stringify(document));
  const features = new Map(baseline.features.map(({ name, profile }) => [name, profile]));
  return {
    statistics: await write('statistics.json', statisticsOf({ rows: baseline.rows, features })),
    constraints: await write('constraints.json', constraintsOf(baseline, COMPARISON_THRESHOLD)),
  };
}

/** Bins of the training rows, and, where these are in order of time, what each feature moved by within them. */
async function profileTraining(
  objects: ObjectStore,
  train: ObjectRef,
  definition: ModelDefinition,
  inTimeOrder: boolean,
  stride: number,
): Promise<Baseline> {
  const builder = new BaselineBuilder(definition.features);
  const targets: number[] = [];
  const isRegression = definition.problem.type === 'regression';
  for await (const { features, target } of trainingRows(objects, train, definition, stride)) {
    builder.row(features);
    const value = isRegression ? readNumber(target) : null;
    if (typeof value === 'number' && Number.isFinite(value)) targets.push(value);
  }
  // Scores are shares; what a regression predicts lies where its targets did.
  const baseline = builder.finish(isRegression ? edgesOf(targets) : SCORE_EDGES, definition.problem.classes?.length);
  if (!inTimeOrder) return baseline;
  const calibration = new CalibrationBuilder(baseline);
  for await (const { features } of trainingRows(objects, train, definition, stride)) calibration.row(features);
  const learnt = calibration.finish();
  return learnt ? { ...baseline, calibration: learnt } : baseline;
}

const edgesOf = (values: readonly number[]): Edges =>
  values.length === 0 ? [] : atomEdges(Float64Array.from(values).sort(), PROFILE_BINS);

/** @throws {DatasetRefusedError} train.csv lacks a declared feature, or a row has another number of fields than the header */
async function* trainingRows(
  objects: ObjectStore,
  train: ObjectRef,
  { features, problem }: ModelDefinition,
  stride: number,
) {
  let columns: readonly number[] | undefined;
  let target = -1;
  let width = 0;
  let row = -1;
  for await (const batch of csvRecords(await objects.read(train))) {
    for (const { fields, line } of batch) {
      if (!columns) {
        columns = columnsOf(fields, features);
        target = fields.indexOf(problem.target);
        width = fields.length;
        continue;
      }
      if (fields.length !== width) {
        throw new DatasetRefusedError(`train.csv line ${line}: expected ${width} fields, got ${fields.length}`);
      }
      row += 1;
      if (row % stride === 0) yield { features: columns.map((i) => fields[i] || null), target: fields[target] || null };
    }
  }
}

const columnsOf = (header: readonly string[], features: ModelDefinition['features']): number[] =>
  features.map(({ name }) => {
    const column = header.indexOf(name);
    if (column === -1)
      throw new DatasetRefusedError(`expected a column ${JSON.stringify(name)} in train.csv, got none`);
    return column;
  });

/** Content-addressed by what it was made from: where it exists, what exists is the baseline. */
async function writeOnce(
  objects: ObjectStore,
  at: ObjectRef,
  text: string,
): Promise<ObjectRef & { readonly sha256: string }> {
  const { created } = await objects.putOnce(at, text, 'application/json');
  const head = await objects.head(at);
  if (!head) throw new NotFoundError(`expected the baseline at s3://${at.bucket}/${at.key}, got none`);
  const pinned = { ...at, ...(head.versionId !== undefined && { versionId: head.versionId }) };
  const bytes = created ? text : await objects.readBytes(pinned);
  return { ...pinned, sha256: createHash('sha256').update(bytes).digest('hex') };
}
