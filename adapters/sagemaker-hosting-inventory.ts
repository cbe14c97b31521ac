import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  ListTagsCommand,
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModels,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { HostedResource } from '../domain/deployment/orphans.ts';
import type { HostingInventory } from '../domain/deployment/ports.ts';

interface Listed {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
}

/** What SageMaker hosts under a prefix. Listing is slow on purpose of AWS (a few calls a second): for a person or once a day, not for a release. */
export class SageMakerHostingInventory implements HostingInventory {
  readonly #prefix: string;
  readonly #client: SageMakerClient;

  /** @param prefix `namePrefix-stage` */
  constructor(prefix: string, client: SageMakerClient) {
    this.#prefix = prefix;
    this.#client = client;
  }

  /** Everything whose name begins with the prefix, with tags and what it uses. */
  async list(): Promise<HostedResource[]> {
    const resources: HostedResource[] = [];
    for (const one of await this.#endpoints()) {
      const { EndpointConfigName, PendingDeploymentSummary } = await this.#client.send(
        new DescribeEndpointCommand({ EndpointName: one.name }),
      );
      const uses = [EndpointConfigName, PendingDeploymentSummary?.EndpointConfigName];
      resources.push(await this.#resource('endpoint', one, uses));
    }
    for (const one of await this.#configurations()) {
      const { ProductionVariants = [] } = await this.#client.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: one.name }),
      );
      const uses = ProductionVariants.map(({ ModelName }) => ModelName);
      resources.push(await this.#resource('endpoint-configuration', one, uses));
    }
    for (const one of await this.#models()) resources.push(await this.#resource('model', one, []));
    return resources;
  }

  async delete({ kind, name }: Pick<HostedResource, 'kind' | 'name'>): Promise<void> {
    if (kind === 'endpoint') await this.#client.send(new DeleteEndpointCommand({ EndpointName: name }));
    else if (kind === 'model') await this.#client.send(new DeleteModelCommand({ ModelName: name }));
    else await this.#client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
  }

  async #resource(
    kind: HostedResource['kind'],
    { name, arn, createdAt }: Listed,
    uses: readonly (string | undefined)[],
  ): Promise<HostedResource> {
    const { Tags = [] } = await this.#client.send(new ListTagsCommand({ ResourceArn: arn }));
    return {
      ...{ kind, name, createdAt: createdAt.toISOString() },
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      uses: uses.filter((one) => one !== undefined),
    };
  }

  async #endpoints(): Promise<Listed[]> {
    const found: Listed[] = [];
    for await (const { Endpoints = [] } of paginateListEndpoints({ client: this.#client }, this.#named()))
      for (const one of Endpoints) found.push(listed(one.EndpointName, one.EndpointArn, one.CreationTime));
    return this.#ours(found);
  }

  async #configurations(): Promise<Listed[]> {
    const found: Listed[] = [];
    for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs({ client: this.#client }, this.#named()))
      for (const one of EndpointConfigs)
        found.push(listed(one.EndpointConfigName, one.EndpointConfigArn, one.CreationTime));
    return this.#ours(found);
  }

  async #models(): Promise<Listed[]> {
    const found: Listed[] = [];
    for await (const { Models = [] } of paginateListModels({ client: this.#client }, this.#named()))
      for (const one of Models) found.push(listed(one.ModelName, one.ModelArn, one.CreationTime));
    return this.#ours(found);
  }

  #named() {
    return { NameContains: this.#prefix };
  }

  /** SageMaker filters by what a name contains, not by what it begins with. */
  #ours(found: readonly Listed[]): Listed[] {
    return found.filter(({ name }) => name.startsWith(`${this.#prefix}-`));
  }
}

/** @throws {TypeError} what is to be deleted by its age has to have one */
function listed(name: string | undefined, arn: string | undefined, createdAt: Date | undefined): Listed {
  if (name !== undefined && arn !== undefined && createdAt !== undefined) return { name, arn, createdAt };
  throw new TypeError(
    `expected name, ARN and time of creation of what SageMaker lists, got ${name}, ${arn}, ${createdAt}`,
  );
}
