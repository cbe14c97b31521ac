import { NotFoundError } from '../../domain/errors.ts';
import { sameFeatures } from '../../domain/evaluation/compare.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type TransformPlan, transformPlan } from '../shared/transform-plan.ts';
import type { PlanValidationInput, PlanValidationOutput } from './contract.ts';
import { copyHoldOut } from './copy-holdout.ts';

export interface PlanValidationDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  /** Reads a definition as it was accepted, whatever is deployed now. */
  readonly readDefinition: DefinitionReader;
  readonly account: string;
  readonly prefix: string;
  readonly artifactsBucket: string;
}

/**
 * Says how the hold-out is sent through the candidate, and through the champion where it can read the same rows; and copies the
 * hold-out for permutation importance.
 */
export const planValidation =
  (dependencies: PlanValidationDependencies) =>
  async ({ model, release, attempt }: PlanValidationInput): Promise<PlanValidationOutput> => {
    const { lineage, objects, readDefinition } = dependencies;
    const row = await lineage.getRelease(model, release);
    if (row.version === undefined)
      throw new NotFoundError(`expected a sealed version of release ${model}/${release}, got none`);
    const candidate = await lineage.getVersion(model, row.version);
    const definition = await readDefinition(candidate.definition);
    const { champion } = await lineage.getModel(model);
    const plan = transformPlanner(dependencies, row, attempt, candidate, definition);
    await lineage.moveRelease(
      model,
      release,
      'Validating',
      {},
      {
        type: 'ValidationPlanned',
        actor: 'launchway:plan-validation',
        subject: `release/${release}`,
        details: { version: candidate.version, champion: champion?.version },
      },
    );
    const copied = await copyHoldOut(objects, candidate.prepared, definition);
    const planned = {
      candidate: plan('candidate', candidate, definition),
      ...('uri' in copied && { copies: { ...plan('copies', candidate, definition), inputUri: copied.uri } }),
      importance: 'uri' in copied ? { rows: copied.rows, repeats: copied.repeats } : copied,
    };
    if (!champion) return planned;
    const serving = await lineage.getVersion(model, champion.version);
    const servingDefinition = await readDefinition(serving.definition);
    if (!sameFeatures(definition, servingDefinition)) return planned;
    return { ...planned, champion: plan('champion', serving, servingDefinition) };
  };

const transformPlanner =
  (
    { account, prefix, artifactsBucket }: PlanValidationDependencies,
    { model, release, team, steps }: ReleaseRow,
    attempt: string,
    candidate: VersionRow,
    { training }: ModelDefinition,
  ) =>
  (role: 'candidate' | 'champion' | 'copies', version: VersionRow, definition: ModelDefinition): TransformPlan =>
    transformPlan({ account, prefix }, version, definition, {
      name: `${prefix}-${model}-r${release}-${role}-${attempt}`,
      inputUri: `${candidate.prepared.uri}/holdout/features.csv`,
      outputUri: `s3://${artifactsBucket}/${team}/${model}/releases/${release}/transform/${role}-${attempt}`,
      // The type that had capacity a moment ago.
      instanceType: steps.training?.instanceType ?? training.instance.types[0]!,
      tags: { 'launchway:release': String(release) },
    });
