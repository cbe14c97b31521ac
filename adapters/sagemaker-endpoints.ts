import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ServedEndpoint, ServingEndpoints } from '../domain/deployment/ports.ts';

/** SageMaker hosting. A missing endpoint, configuration or model throws as SageMaker does (ValidationException). */
export class SageMakerEndpoints implements ServingEndpoints {
  readonly #control: SageMakerClient;
  readonly #runtime: SageMakerRuntimeClient;

  constructor(control = new SageMakerClient({}), runtime = new SageMakerRuntimeClient({})) {
    this.#control = control;
    this.#runtime = runtime;
  }

  async describe(endpointName: string): Promise<ServedEndpoint> {
    const endpoint = await this.#control.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
    return {
      status: endpoint.EndpointStatus ?? 'unknown',
      configName: endpoint.EndpointConfigName ?? 'unknown',
      ...(endpoint.FailureReason !== undefined && { failureReason: endpoint.FailureReason }),
      images: (endpoint.ProductionVariants ?? []).flatMap(({ DeployedImages }) =>
        (DeployedImages ?? []).map(({ SpecifiedImage, ResolvedImage }) => ({
          specified: SpecifiedImage ?? '',
          resolved: ResolvedImage ?? '',
        })),
      ),
    };
  }

  async describeConfiguration(configName: string) {
    const { ProductionVariants } = await this.#control.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: configName }),
    );
    return { modelNames: (ProductionVariants ?? []).map(({ ModelName }) => ModelName ?? 'unnamed') };
  }

  async describeModel(modelName: string) {
    const model = await this.#control.send(new DescribeModelCommand({ ModelName: modelName }));
    return {
      image: model.PrimaryContainer?.Image ?? 'none',
      artifactUri: model.PrimaryContainer?.ModelDataUrl ?? 'none',
      environment: model.PrimaryContainer?.Environment ?? {},
      networkIsolated: model.EnableNetworkIsolation === true,
    };
  }

  async invoke(endpointName: string, row: string, inferenceId: string): Promise<string> {
    const { Body } = await this.#runtime.send(
      new InvokeEndpointCommand({
        EndpointName: endpointName,
        ContentType: 'text/csv',
        Accept: 'text/csv',
        Body: new TextEncoder().encode(row),
        InferenceId: inferenceId,
      }),
    );
    return new TextDecoder().decode(Body);
  }
}
