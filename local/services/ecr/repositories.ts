import { physicalName } from '../../physical-name.ts';
import {
  type Cloud,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
  ServiceError,
} from '../../service.ts';
import { deletePushed, pushedImages } from './pushed-images.ts';

const SPACE = 'ecr.repositories';

export interface Repository {
  readonly name: string;
  readonly createdAt: number;
  readonly immutableTags: boolean;
  /** Recorded: nothing is scanned, encrypted or expired here. */
  readonly recorded: Readonly<Record<string, unknown>>;
}

/** Repositories of a template or an API call; those of `images.json` need none. */
export class Repositories {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  list(): Repository[] {
    return this.#cloud.store.list<Repository>(SPACE).map(({ value }) => value);
  }

  find(name: string): Repository | undefined {
    return this.#cloud.store.get(SPACE, name);
  }

  /** @throws {ServiceError} InvalidParameterException */
  put(name: string, settings: { readonly immutableTags: boolean; readonly recorded: object }): Repository {
    if (!/^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/.test(name) || name.length < 2 || name.length > 256) {
      throw new ServiceError('InvalidParameterException', `expected a repository's name, got '${name}'`);
    }
    const repository = { name, createdAt: this.find(name)?.createdAt ?? this.#cloud.clock.now(), ...settings };
    this.#cloud.store.put(SPACE, name, repository as Repository);
    return repository as Repository;
  }

  /** @throws {ServiceError} RepositoryNotEmptyException */
  delete(name: string, force: boolean): void {
    const images = pushedImages(this.#cloud, name);
    if (images.length > 0 && !force) {
      throw new ServiceError(
        'RepositoryNotEmptyException',
        `The repository with name '${name}' in registry with id '${this.#cloud.account}' cannot be deleted because it still contains images`,
      );
    }
    for (const image of images) deletePushed(this.#cloud, image);
    this.#cloud.store.delete(SPACE, name);
  }
}

export const repositoryArn = ({ region, account }: Cloud, name: string, registryId: string = account): string =>
  `arn:aws:ecr:${region}:${registryId}:repository/${name}`;

export const repositoryUri = ({ region, account }: Cloud, name: string): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com/${name}`;

const RECORDED = [
  'EncryptionConfiguration',
  'ImageScanningConfiguration',
  'LifecyclePolicy',
  'RepositoryPolicyText',
  'Tags',
] as const;

/** `AWS::ECR::Repository`: Ref is the name. */
export function repositoryResource(cloud: Cloud, repositories: Repositories): ResourceHandler {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { properties } = request;
    const name = physicalName(request, { given: properties.RepositoryName, longest: 256, lowercase: true });
    const recorded = Object.fromEntries(
      RECORDED.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]])),
    );
    repositories.put(name, { immutableTags: properties.ImageTagMutability === 'IMMUTABLE', recorded });
    return { ref: name, attributes: { Arn: repositoryArn(cloud, name), RepositoryUri: repositoryUri(cloud, name) } };
  };
  return {
    properties: ['RepositoryName', 'ImageTagMutability', 'EmptyOnDelete', ...RECORDED],
    create: put,
    update: put,
    delete: async ({ properties }, { ref }) => {
      repositories.delete(ref, properties?.EmptyOnDelete === true || properties?.EmptyOnDelete === 'true');
    },
  };
}
