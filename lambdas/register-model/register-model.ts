import { digestOf } from '../../adapters/sha256.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRegistry } from '../../domain/model-registry.ts';
import type { LineageStore } from '../../domain/ports.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import type { EvaluationResult } from '../../domain/step-results.ts';
import { servingEnvironment } from '../../domain/training/container-contract.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { RegisterModelInput, RegisterModelOutput } from './contract.ts';

export interface RegisterModelDependencies {
  readonly lineage: LineageStore;
  readonly registry: ModelRegistry;
  /** Reads a definition as it was accepted, whatever is deployed now. */
  readonly readDefinition: DefinitionReader;
  readonly prefix: string;
}

/** Metadata properties that a package may have, less those of the lineage. */
const MAX_METRICS = 30;

/** Enters an evaluated version into SageMaker's registry, once; the lineage stays what counts. */
export const registerModel =
  ({ lineage, registry, readDefinition, prefix }: RegisterModelDependencies) =>
  async ({ model, release }: RegisterModelInput): Promise<RegisterModelOutput> => {
    const { steps, version: number } = await lineage.getRelease(model, release);
    if (steps.registration) return steps.registration;
    const { evaluation } = steps;
    if (number === undefined || !evaluation)
      throw new NotFoundError(`expected an evaluated version of release ${model}/${release}, got none`);
    const version = await lineage.getVersion(model, number);
    const definition = await readDefinition(version.definition);
    const packageArn = await registry.register(
      {
        group: `${prefix}-${model}`,
        description: `${model} version ${number}, made by release ${release}`,
        image: version.image,
        artifactUri: s3Uri(version.artifact.object),
        environment: servingEnvironment(definition),
        contentType: definition.serving.request.contentType,
        evaluationUri: s3Uri(evaluation.document),
        status: evaluation.passed ? 'PendingManualApproval' : 'Rejected',
        stage: { stage: 'Validation', status: evaluation.passed ? 'Passed' : 'Refused' },
        ...(version.baselineFiles && {
          baseline: {
            statisticsUri: s3Uri(version.baselineFiles.statistics),
            constraintsUri: s3Uri(version.baselineFiles.constraints),
          },
        }),
        metadata: metadataOf(version, evaluation),
        token: digestOf({ prefix, model, version: number, artifact: version.artifact.object.sha256 }).slice(0, 36),
      },
      { 'launchway:model': model, 'launchway:team': version.team },
    );
    await lineage.recordSteps(
      model,
      release,
      { registration: { packageArn } },
      {
        type: 'ModelRegistered',
        actor: 'launchway:register-model',
        subject: `version/${number}`,
        details: { packageArn },
      },
    );
    return { packageArn };
  };

const metadataOf = (
  { version, release, artifact, dataset, prepared, definition, baseline }: VersionRow,
  { metrics, sha256, page, comparedWith }: EvaluationResult,
): Record<string, string> => ({
  version: String(version),
  release: String(release),
  artifact: artifact.object.sha256,
  dataset: dataset.object.sha256,
  ...(dataset.source && { source: dataset.source.sha256 }),
  ...(dataset.source?.commit !== undefined && { commit: dataset.source.commit }),
  holdout: prepared.holdoutSha256,
  definition: definition.sha256,
  evaluation: sha256,
  baseline: s3Uri(baseline),
  ...(page && { page: s3Uri(page) }),
  ...(comparedWith !== undefined && { comparedWith: String(comparedWith) }),
  ...Object.fromEntries(
    Object.entries(metrics)
      .slice(0, MAX_METRICS)
      .map(([name, value]) => [`metric.${name}`, String(value)]),
  ),
});
