import type { ContainerDefinition, CreateModelInput } from '@aws-sdk/client-sagemaker';
import type { Need, Operation } from '../../service.ts';
import { NotImplementedError } from '../../service.ts';
import { listOperation } from './listing.ts';
import { arnOf, onlyMembers, onlyValues, requireMembers, requireName, validation } from './names.ts';
import type { ModelPackages } from './packages.ts';
import { assumeForSageMaker, type Platform, passRole } from './platform.ts';
import { parseS3Uri } from './role-s3.ts';
import { tagContext, tagNeeds } from './tags.ts';

const SPACE = 'sagemaker.models';

/** What runs for a model. */
export interface ModelContainer {
  readonly image: string;
  readonly modelDataUrl?: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Model {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly request: CreateModelInput;
  readonly container: ModelContainer;
}

/** Models: an image, an archive, a role. */
export class Models {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #packages: ModelPackages;

  constructor(platform: Platform, packages: ModelPackages) {
    this.#platform = platform;
    this.#packages = packages;
    this.operations = {
      CreateModel: this.#create(),
      DescribeModel: this.#describe(),
      DeleteModel: this.#delete(),
      ListModels: this.#list(),
    };
  }

  /** @throws {ServiceError} ValidationException where there is none of that name */
  require(name: string): Model {
    const model = this.#platform.cloud.store.get<Model>(SPACE, requireName('ModelName', name));
    if (!model) throw validation(`Could not find model "${this.#arn(name)}".`);
    return model;
  }

  #create(): Operation {
    return {
      members: [
        'ModelName',
        'PrimaryContainer',
        'Containers',
        'ExecutionRoleArn',
        'Tags',
        'VpcConfig',
        'EnableNetworkIsolation',
      ],
      needs: ({ input }) => this.#createNeeds(input),
      run: async ({ input }) => {
        const request = input as CreateModelInput;
        const { cloud, tags } = this.#platform;
        const name = requireName('ModelName', request.ModelName);
        requireMembers(request, ['ExecutionRoleArn']);
        const arn = this.#arn(name);
        if (cloud.store.get(SPACE, name)) throw validation(`Cannot create already existing model "${arn}".`);
        const container = this.#containerOf(request);
        await assumeForSageMaker(cloud, request.ExecutionRoleArn!, arn);
        const model: Model = { name, arn, createdAt: cloud.clock.now(), request, container };
        tags.add(arn, request.Tags);
        cloud.store.put(SPACE, name, model);
        return { ModelArn: arn };
      },
    };
  }

  #createNeeds(request: CreateModelInput): Need[] {
    const resource = this.#arn(request.ModelName ?? '');
    const context = {
      'sagemaker:NetworkIsolation': String(request.EnableNetworkIsolation ?? false),
      ...(request.VpcConfig && {
        'sagemaker:VpcSubnets': request.VpcConfig.Subnets ?? [],
        'sagemaker:VpcSecurityGroupIds': request.VpcConfig.SecurityGroupIds ?? [],
      }),
      ...tagContext(request.Tags),
    };
    return [
      { action: 'sagemaker:CreateModel', resource, context },
      passRole(request.ExecutionRoleArn ?? ''),
      ...tagNeeds(resource, request.Tags),
    ];
  }

  #containerOf(request: CreateModelInput): ModelContainer {
    const containers = request.PrimaryContainer ? [request.PrimaryContainer] : (request.Containers ?? []);
    if (containers.length === 0) throw validation('expected PrimaryContainer or Containers');
    if (containers.length > 1) throw new NotImplementedError('sagemaker:CreateModel Containers of more than one');
    const [definition] = containers as [ContainerDefinition];
    const container = definition.ModelPackageName
      ? this.#packages.containerOf(definition.ModelPackageName)
      : containerFrom('CreateModel PrimaryContainer', definition);
    return { ...container, environment: { ...container.environment, ...definition.Environment } };
  }

  #describe(): Operation {
    return {
      members: ['ModelName'],
      needs: ({ input }) => [{ action: 'sagemaker:DescribeModel', resource: this.#arn(input.ModelName) }],
      run: async ({ input }) => {
        const { name, arn, createdAt, request } = this.require(input.ModelName);
        return {
          ModelName: name,
          ModelArn: arn,
          ...(request.PrimaryContainer && { PrimaryContainer: request.PrimaryContainer }),
          ...(request.Containers && { Containers: request.Containers }),
          ExecutionRoleArn: request.ExecutionRoleArn,
          ...(request.VpcConfig && { VpcConfig: request.VpcConfig }),
          EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
          CreationTime: new Date(createdAt),
        };
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['ModelName'],
      needs: ({ input }) => [{ action: 'sagemaker:DeleteModel', resource: this.#arn(input.ModelName) }],
      run: async ({ input }) => {
        const { name, arn } = this.require(input.ModelName);
        this.#platform.cloud.store.delete(SPACE, name);
        this.#platform.tags.forget(arn);
        return {};
      },
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListModels',
      as: 'Models',
      byStatus: false,
      all: () => this.#platform.cloud.store.list<Model>(SPACE).map((entry) => entry.value),
      summary: ({ name, arn, createdAt }) => ({ ModelName: name, ModelArn: arn, CreationTime: new Date(createdAt) }),
    });
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'model', name);
  }
}

/** @param what for messages: the operation and member */
export function containerFrom(what: string, definition: ContainerDefinition): ModelContainer {
  onlyMembers(what, definition, [
    'Image',
    'ModelDataUrl',
    'ModelDataSource',
    'Environment',
    'Mode',
    'ContainerHostname',
    'ImageDigest',
  ]);
  onlyValues(`${what}.Mode`, definition.Mode, ['SingleModel']);
  requireMembers(definition, ['Image']);
  const modelDataUrl = definition.ModelDataUrl ?? modelDataSource(what, definition);
  if (modelDataUrl !== undefined) parseS3Uri(modelDataUrl);
  return { image: definition.Image!, ...(modelDataUrl && { modelDataUrl }), environment: definition.Environment ?? {} };
}

function modelDataSource(what: string, { ModelDataSource: source }: ContainerDefinition): string | undefined {
  const s3 = source?.S3DataSource;
  onlyMembers(`${what}.ModelDataSource`, source, ['S3DataSource']);
  onlyMembers(`${what}.ModelDataSource.S3DataSource`, s3, ['S3Uri', 'S3DataType', 'CompressionType']);
  onlyValues(`${what}.ModelDataSource.S3DataSource.S3DataType`, s3?.S3DataType, ['S3Object']);
  onlyValues(`${what}.ModelDataSource.S3DataSource.CompressionType`, s3?.CompressionType, ['Gzip']);
  return s3?.S3Uri;
}
