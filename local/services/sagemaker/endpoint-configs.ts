import type { CreateEndpointConfigInput } from '@aws-sdk/client-sagemaker';
import type { Need, Operation } from '../../service.ts';
import { checkEndpointConfig } from './endpoint-config-rules.ts';
import { listOperation } from './listing.ts';
import type { Models } from './models.ts';
import { arnOf, requireName, validation } from './names.ts';
import type { Platform } from './platform.ts';
import { tagContext, tagNeeds } from './tags.ts';

const SPACE = 'sagemaker.endpoint-configs';

export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly request: CreateEndpointConfigInput;
}

/** Endpoint configurations: which models serve, how many, and what is captured. They never change. */
export class EndpointConfigs {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #models: Models;

  constructor(platform: Platform, models: Models) {
    this.#platform = platform;
    this.#models = models;
    this.operations = {
      CreateEndpointConfig: this.#create(),
      DescribeEndpointConfig: this.#describe(),
      DeleteEndpointConfig: this.#delete(),
      ListEndpointConfigs: this.#list(),
    };
  }

  /** @throws {ServiceError} ValidationException where there is none of that name */
  require(name: string): EndpointConfig {
    const config = this.#platform.cloud.store.get<EndpointConfig>(SPACE, requireName('EndpointConfigName', name));
    if (!config) throw validation(`Could not find endpoint configuration "${this.#arn(name)}".`);
    return config;
  }

  #create(): Operation {
    return {
      members: [
        'EndpointConfigName',
        'ProductionVariants',
        'ShadowProductionVariants',
        'DataCaptureConfig',
        'Tags',
        'KmsKeyId',
      ],
      needs: ({ input }) => this.#createNeeds(input),
      run: async ({ input }) => {
        const request = input as CreateEndpointConfigInput;
        const { cloud, tags } = this.#platform;
        const name = requireName('EndpointConfigName', request.EndpointConfigName);
        const arn = this.#arn(name);
        if (cloud.store.get(SPACE, name))
          throw validation(`Cannot create already existing endpoint configuration "${arn}".`);
        checkEndpointConfig(request, this.#models);
        cloud.store.put(SPACE, name, { name, arn, createdAt: cloud.clock.now(), request } satisfies EndpointConfig);
        tags.add(arn, request.Tags);
        return { EndpointConfigArn: arn };
      },
    };
  }

  #createNeeds(request: CreateEndpointConfigInput): Need[] {
    const resource = this.#arn(request.EndpointConfigName ?? '');
    const variants = [...(request.ProductionVariants ?? []), ...(request.ShadowProductionVariants ?? [])];
    const types = variants.flatMap((variant) => variant.InstanceType ?? []);
    const context = {
      ...(types.length > 0 && { 'sagemaker:InstanceTypes': types }),
      ...(request.KmsKeyId && { 'sagemaker:VolumeKmsKey': request.KmsKeyId }),
      'sagemaker:ModelArn': variants.map((variant) => arnOf(this.#platform.cloud, 'model', variant.ModelName ?? '')),
      ...tagContext(request.Tags),
    };
    return [{ action: 'sagemaker:CreateEndpointConfig', resource, context }, ...tagNeeds(resource, request.Tags)];
  }

  #describe(): Operation {
    return {
      members: ['EndpointConfigName'],
      needs: ({ input }) => [
        { action: 'sagemaker:DescribeEndpointConfig', resource: this.#arn(input.EndpointConfigName) },
      ],
      run: async ({ input }) => {
        const { name, arn, createdAt, request } = this.require(input.EndpointConfigName);
        return {
          EndpointConfigName: name,
          EndpointConfigArn: arn,
          ProductionVariants: request.ProductionVariants,
          ...(request.ShadowProductionVariants && { ShadowProductionVariants: request.ShadowProductionVariants }),
          ...(request.DataCaptureConfig && { DataCaptureConfig: request.DataCaptureConfig }),
          ...(request.KmsKeyId && { KmsKeyId: request.KmsKeyId }),
          CreationTime: new Date(createdAt),
        };
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['EndpointConfigName'],
      needs: ({ input }) => [
        { action: 'sagemaker:DeleteEndpointConfig', resource: this.#arn(input.EndpointConfigName) },
      ],
      run: async ({ input }) => {
        const { name, arn } = this.require(input.EndpointConfigName);
        this.#platform.cloud.store.delete(SPACE, name);
        this.#platform.tags.forget(arn);
        return {};
      },
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListEndpointConfigs',
      as: 'EndpointConfigs',
      byStatus: false,
      all: () => this.#platform.cloud.store.list<EndpointConfig>(SPACE).map((entry) => entry.value),
      summary: ({ name, arn, createdAt }) => ({
        EndpointConfigName: name,
        EndpointConfigArn: arn,
        CreationTime: new Date(createdAt),
      }),
    });
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'endpoint-config', name);
  }
}
