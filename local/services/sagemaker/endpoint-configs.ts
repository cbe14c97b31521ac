import type { CreateEndpointConfigInput, DataCaptureConfig, ProductionVariant } from '@aws-sdk/client-sagemaker';
import type { Need, Operation } from '../../service.ts';
import { NotImplementedError } from '../../service.ts';
import { listPage } from './listing.ts';
import type { Models } from './models.ts';
import { arnOf, onlyMembers, requireMembers, requireName, validation } from './names.ts';
import type { Platform } from './platform.ts';
import { parseS3Uri } from './role-s3.ts';
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
      members: ['EndpointConfigName', 'ProductionVariants', 'DataCaptureConfig', 'Tags', 'KmsKeyId'],
      needs: ({ input }) => this.#createNeeds(input),
      run: async ({ input }) => {
        const request = input as CreateEndpointConfigInput;
        const { cloud, tags } = this.#platform;
        const name = requireName('EndpointConfigName', request.EndpointConfigName);
        const arn = this.#arn(name);
        if (cloud.store.get(SPACE, name))
          throw validation(`Cannot create already existing endpoint configuration "${arn}".`);
        this.#check(request);
        cloud.store.put(SPACE, name, { name, arn, createdAt: cloud.clock.now(), request } satisfies EndpointConfig);
        tags.add(arn, request.Tags);
        return { EndpointConfigArn: arn };
      },
    };
  }

  #createNeeds(request: CreateEndpointConfigInput): Need[] {
    const resource = this.#arn(request.EndpointConfigName ?? '');
    const variants = request.ProductionVariants ?? [];
    const types = variants.flatMap((variant) => variant.InstanceType ?? []);
    const context = {
      ...(types.length > 0 && { 'sagemaker:InstanceTypes': types }),
      ...(request.KmsKeyId && { 'sagemaker:VolumeKmsKey': request.KmsKeyId }),
      'sagemaker:ModelArn': variants.map((variant) => arnOf(this.#platform.cloud, 'model', variant.ModelName ?? '')),
      ...tagContext(request.Tags),
    };
    return [{ action: 'sagemaker:CreateEndpointConfig', resource, context }, ...tagNeeds(resource, request.Tags)];
  }

  #check(request: CreateEndpointConfigInput): void {
    const variants = request.ProductionVariants ?? [];
    if (variants.length === 0) throw validation('expected at least one production variant');
    const names = variants.map((variant) => requireName('VariantName', variant.VariantName));
    if (new Set(names).size < names.length)
      throw validation(`expected each variant name once, got ${names.join(', ')}`);
    for (const variant of variants) checkVariant(variant, this.#models);
    if (request.DataCaptureConfig) checkCapture(request.DataCaptureConfig, variants);
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
    return {
      members: [
        'NameContains',
        'CreationTimeAfter',
        'CreationTimeBefore',
        'SortBy',
        'SortOrder',
        'MaxResults',
        'NextToken',
      ],
      needs: () => [{ action: 'sagemaker:ListEndpointConfigs', resource: '*' }],
      run: async ({ input }) => {
        const all = this.#platform.cloud.store.list<EndpointConfig>(SPACE).map((entry) => entry.value);
        const { items, nextToken } = listPage(all, input);
        const EndpointConfigs = items.map(({ name, arn, createdAt }) => ({
          EndpointConfigName: name,
          EndpointConfigArn: arn,
          CreationTime: new Date(createdAt),
        }));
        return { EndpointConfigs, ...(nextToken && { NextToken: nextToken }) };
      },
    };
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'endpoint-config', name);
  }
}

function checkVariant(variant: ProductionVariant, models: Models): void {
  const what = 'CreateEndpointConfig ProductionVariants';
  const known = [
    'VariantName',
    'ModelName',
    'InitialInstanceCount',
    'InstanceType',
    'InitialVariantWeight',
    'ServerlessConfig',
  ];
  const timeouts = [
    'ModelDataDownloadTimeoutInSeconds',
    'ContainerStartupHealthCheckTimeoutInSeconds',
    'VolumeSizeInGB',
  ];
  onlyMembers(what, variant, [...known, ...timeouts]);
  requireMembers(variant, ['ModelName']);
  models.require(variant.ModelName!);
  if (variant.ServerlessConfig) {
    onlyMembers(`${what}.ServerlessConfig`, variant.ServerlessConfig, ['MemorySizeInMB', 'MaxConcurrency']);
    if (variant.InstanceType) throw validation('expected either InstanceType or ServerlessConfig, got both');
    return;
  }
  requireMembers(variant, ['InstanceType', 'InitialInstanceCount']);
  if (variant.InitialInstanceCount! < 1) {
    throw validation(`expected InitialInstanceCount >= 1, got ${variant.InitialInstanceCount}`);
  }
}

function checkCapture(capture: DataCaptureConfig, variants: readonly ProductionVariant[]): void {
  const what = 'CreateEndpointConfig DataCaptureConfig';
  const known = ['EnableCapture', 'InitialSamplingPercentage', 'DestinationS3Uri', 'KmsKeyId', 'CaptureOptions'];
  onlyMembers(what, capture, [...known, 'CaptureContentTypeHeader']);
  requireMembers(capture, ['InitialSamplingPercentage', 'DestinationS3Uri', 'CaptureOptions']);
  parseS3Uri(capture.DestinationS3Uri);
  if (variants.some((variant) => variant.ServerlessConfig)) {
    throw validation('Data capture is not supported for serverless endpoints');
  }
  for (const { CaptureMode: mode } of capture.CaptureOptions ?? []) {
    if (mode === 'InputAndOutput') throw new NotImplementedError(`sagemaker:${what}.CaptureOptions InputAndOutput`);
  }
  const percent = capture.InitialSamplingPercentage!;
  if (!(percent >= 0 && percent <= 100))
    throw validation(`expected InitialSamplingPercentage from 0 to 100, got ${percent}`);
}
