import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import type { ModelRegistry, RegistryChange, RegistryEntry, RegistryStage } from '../domain/model-registry.ts';

const json = (S3Uri: string) => ({ ContentType: 'application/json', S3Uri });

const dataQuality = ({ statisticsUri, constraintsUri }: NonNullable<RegistryEntry['baseline']>) => ({
  Statistics: json(statisticsUri),
  Constraints: json(constraintsUri),
});

const lifeCycle = ({ stage, status }: RegistryStage) => ({ Stage: stage, StageStatus: status });

/** Longest ApprovalDescription. */
const LONGEST_WHY = 1024;

/** The registry through the SageMaker API. */
export class SageMakerModelRegistry implements ModelRegistry {
  readonly #client: SageMakerClient;

  constructor(client: SageMakerClient = new SageMakerClient({})) {
    this.#client = client;
  }

  async register(entry: RegistryEntry, tags: Readonly<Record<string, string>>): Promise<string> {
    await this.#ensureGroup(entry.group, tags);
    const { ModelPackageArn } = await this.#client.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: entry.group,
        ModelPackageDescription: entry.description,
        InferenceSpecification: {
          Containers: [{ Image: entry.image, ModelDataUrl: entry.artifactUri, Environment: { ...entry.environment } }],
          SupportedContentTypes: [entry.contentType],
          SupportedResponseMIMETypes: [entry.contentType],
        },
        ModelMetrics: {
          ModelQuality: { Statistics: json(entry.evaluationUri) },
          ...(entry.baseline && { ModelDataQuality: dataQuality(entry.baseline) }),
        },
        ...(entry.baseline && { DriftCheckBaselines: { ModelDataQuality: dataQuality(entry.baseline) } }),
        ModelApprovalStatus: entry.status,
        ModelLifeCycle: lifeCycle(entry.stage),
        CustomerMetadataProperties: { ...entry.metadata },
        ClientToken: entry.token,
      }),
    );
    return ModelPackageArn!;
  }

  async setStatus(packageArn: string, { status, stage, why, metadata }: RegistryChange): Promise<void> {
    await this.#client.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: packageArn,
        ModelApprovalStatus: status,
        ApprovalDescription: why.slice(0, LONGEST_WHY),
        ModelLifeCycle: lifeCycle(stage),
        ...(metadata && { CustomerMetadataProperties: { ...metadata } }),
      }),
    );
  }

  async #ensureGroup(name: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    try {
      await this.#client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: name, Tags }));
    } catch (error) {
      // SageMaker has no error of its own for this: ValidationException, "… already exists".
      if (!(error instanceof Error && /already exists/i.test(error.message))) throw error;
    }
  }
}
