import type { DataCaptureConfig, DeploymentConfig, EndpointStatus, VariantProperty } from '@aws-sdk/client-sagemaker';
import type { Cloud } from '../../../service.ts';
import type { ModelContainer } from '../models.ts';
import { validation } from '../names.ts';
import { asEventDetail } from '../training/job.ts';

const SPACE = 'sagemaker.endpoints';

/** One variant as it runs: a copy, so that deleting its model or configuration changes nothing that serves. */
export interface Variant {
  readonly name: string;
  readonly modelName: string;
  readonly container: ModelContainer;
  readonly roleArn: string;
  readonly instanceType?: string;
  readonly serverless?: { readonly MemorySizeInMB: number | undefined; readonly MaxConcurrency: number | undefined };
  weight: number;
  instanceCount: number;
  /** Of the image, known once it has started. */
  digest?: string;
  startedAt?: number;
}

/** The instances of one configuration. */
export interface Fleet {
  readonly id: string;
  readonly configName: string;
  readonly variants: Variant[];
  /** Get copies of requests; their answers are captured and counted, and go to nobody. */
  readonly shadows?: Variant[];
  readonly capture?: DataCaptureConfig;
  /** Percent of the traffic. */
  share: number;
}

/** Everything of a fleet that runs a container. */
export const runningVariants = ({ variants, shadows = [] }: Fleet): Variant[] => [...variants, ...shadows];

/** A change under way. */
interface Deployment {
  readonly fleetId: string;
  readonly config: DeploymentConfig;
  readonly startedAt: number;
  /** Index into the traffic plan; before the new fleet answers there is none. */
  step?: number;
  /** When that step is over. */
  stepEndsAt?: number;
}

export interface Endpoint {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  status: EndpointStatus;
  failureReason?: string | undefined;
  configName: string;
  /** What serves, and during a deployment what comes. */
  fleets: Fleet[];
  deployment?: Deployment | undefined;
  lastDeploymentConfig?: DeploymentConfig | undefined;
  /** While SageMaker itself changes the instances, when that is over. */
  systemUpdateEndsAt?: number | undefined;
}

/** What an update keeps of the running variants. */
export interface Retained {
  readonly all: boolean;
  readonly except: readonly VariantProperty[];
}

/** Endpoints by name. */
export class EndpointRecords {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  find(name: string): Endpoint | undefined {
    return this.#cloud.store.get<Endpoint>(SPACE, name);
  }

  /** @throws {ServiceError} ValidationException, in the words that workflows look for */
  require(name: string, arn: string): Endpoint {
    const endpoint = this.find(name);
    if (!endpoint) throw validation(`Could not find endpoint "${arn}".`);
    return endpoint;
  }

  all(): Endpoint[] {
    return this.#cloud.store.list<Endpoint>(SPACE).map((entry) => entry.value);
  }

  save(endpoint: Endpoint): void {
    const before = this.find(endpoint.name)?.status;
    endpoint.modifiedAt = this.#cloud.clock.now();
    this.#cloud.store.put(SPACE, endpoint.name, endpoint);
    if (before !== endpoint.status) this.#tell(endpoint, endpoint.status);
  }

  /** Stores a change of what is there now; nothing where it was deleted meanwhile. */
  change(name: string, change: (endpoint: Endpoint) => void): Endpoint | undefined {
    const endpoint = this.find(name);
    if (!endpoint) return undefined;
    change(endpoint);
    this.save(endpoint);
    return endpoint;
  }

  delete(endpoint: Endpoint): void {
    this.#cloud.store.delete(SPACE, endpoint.name);
    this.#tell(endpoint, 'Deleted');
  }

  #tell(endpoint: Endpoint, status: string): void {
    this.#cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Endpoint State Change',
      resources: [endpoint.arn],
      detail: asEventDetail({
        ...describe(endpoint),
        // Events write IN_SERVICE where the API writes InService.
        EndpointStatus: status.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase(),
      }),
    });
  }
}

/** The fleet that serves (or, for a new endpoint, comes). */
export const servingFleet = (endpoint: Endpoint): Fleet | undefined =>
  endpoint.fleets.find((fleet) => fleet.id !== endpoint.deployment?.fleetId) ?? endpoint.fleets[0];

/** What DescribeEndpoint answers. */
export function describe(endpoint: Endpoint) {
  const fleet = servingFleet(endpoint);
  const coming = endpoint.fleets.find((candidate) => candidate.id === endpoint.deployment?.fleetId);
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: endpoint.configName,
    ...(fleet && endpoint.status !== 'Creating' && variantSummaries(fleet)),
    ...(fleet?.capture && { DataCaptureConfig: captureSummary(fleet.capture) }),
    EndpointStatus: endpoint.status,
    ...(endpoint.failureReason !== undefined && { FailureReason: endpoint.failureReason }),
    CreationTime: new Date(endpoint.createdAt),
    LastModifiedTime: new Date(endpoint.modifiedAt),
    ...(endpoint.lastDeploymentConfig && { LastDeploymentConfig: endpoint.lastDeploymentConfig }),
    ...(coming &&
      endpoint.status !== 'Creating' && {
        PendingDeploymentSummary: {
          EndpointConfigName: coming.configName,
          ...variantSummaries(coming),
          StartTime: new Date(endpoint.deployment!.startedAt),
        },
      }),
  };
}

const variantSummaries = ({ variants, shadows }: Fleet) => ({
  ProductionVariants: variants.map(variantSummary),
  ...(shadows && { ShadowProductionVariants: shadows.map(variantSummary) }),
});

const variantSummary = (variant: Variant) => ({
  VariantName: variant.name,
  ...(variant.digest && {
    DeployedImages: [
      {
        SpecifiedImage: variant.container.image,
        ResolvedImage: `${variant.container.image.replace(/@.*$|:[^/:]*$/, '')}@${variant.digest}`,
        ResolutionTime: new Date(variant.startedAt!),
      },
    ],
  }),
  CurrentWeight: variant.weight,
  DesiredWeight: variant.weight,
  ...(variant.serverless
    ? { CurrentServerlessConfig: variant.serverless, DesiredServerlessConfig: variant.serverless }
    : { CurrentInstanceCount: variant.instanceCount, DesiredInstanceCount: variant.instanceCount }),
});

const captureSummary = (capture: DataCaptureConfig) => ({
  EnableCapture: capture.EnableCapture ?? false,
  CaptureStatus: capture.EnableCapture ? 'Started' : 'Stopped',
  CurrentSamplingPercentage: capture.InitialSamplingPercentage,
  DestinationS3Uri: capture.DestinationS3Uri,
  ...(capture.KmsKeyId && { KmsKeyId: capture.KmsKeyId }),
});
