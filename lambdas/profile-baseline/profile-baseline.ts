import { createHash } from 'node:crypto';
import { type Baseline, BaselineBuilder, SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { baselineToJson } from '../../domain/drift/profile-json.ts';
import { DatasetRefusedError, NotFoundError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { preparedObject } from '../../domain/monitoring/keys.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { ProfileBaselineInput, ProfileBaselineOutput } from './contract.ts';

export interface ProfileBaselineDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
}

/** Profiles the training rows, so that what is captured later can be held against them. */
export const profileBaseline =
  ({ lineage, objects, readDefinition }: ProfileBaselineDependencies) =>
  async ({ model, release: number }: ProfileBaselineInput): Promise<ProfileBaselineOutput> => {
    const release = await lineage.getRelease(model, number);
    const prepared = release.steps.prepared;
    if (!prepared) throw new NotFoundError(`expected prepared data of release ${model}/${number}, got none`);

    const definition = await readDefinition(release.inputs.definition);
    const baseline = await profileTraining(objects, preparedObject(prepared, 'train/train.csv'), definition);
    const document = await writeOnce(objects, preparedObject(prepared, 'baseline.json'), baselineToJson(baseline));

    const audit = {
      type: 'BaselineProfiled',
      actor: 'launchway:profile-baseline',
      subject: `release/${number}`,
      details: { rows: baseline.rows, sha256: document.sha256 },
    };
    await lineage.recordSteps(model, number, { baseline: document }, audit);
    return { rows: baseline.rows };
  };

/** @throws {DatasetRefusedError} train.csv lacks a declared feature, or a row has another number of fields than the header */
async function profileTraining(
  objects: ObjectStore,
  train: ObjectRef,
  { features, problem }: ModelDefinition,
): Promise<Baseline> {
  const builder = new BaselineBuilder(features);
  let columns: readonly number[] | undefined;
  let width = 0;
  for await (const batch of csvRecords(await objects.read(train))) {
    for (const { fields, line } of batch) {
      if (!columns) {
        columns = columnsOf(fields, features);
        width = fields.length;
        continue;
      }
      if (fields.length !== width) {
        throw new DatasetRefusedError(`train.csv line ${line}: expected ${width} fields, got ${fields.length}`);
      }
      builder.row(columns.map((i) => fields[i] || null));
    }
  }
  // Scores are shares; what a regression predicts has no known range, so only its moments are kept.
  return builder.finish(problem.type === 'regression' ? [] : SCORE_EDGES);
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
