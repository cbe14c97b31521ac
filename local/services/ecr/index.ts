import { type Cloud, type Operation, type Service, ServiceError } from '../../service.ts';
import { awsImage, isAwsRepository } from './aws-images.ts';
import {
  contentsOf,
  findImage,
  type ImageReference,
  imageNotFound,
  type LocalImage,
  matches,
  readImages,
} from './images.ts';

export { imageDirectory, registerImage } from './images.ts';

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/**
 * A registry of directories: `images.json` in the state folder maps a repository to the directory of its Dockerfile.
 *
 * There are no layers and no manifests, so BatchGetImage answers identifiers only.
 */
export function createEcrService(cloud: Cloud): Service {
  return {
    name: 'ecr',
    operations: {
      DescribeRepositories: describeRepositories(cloud),
      DescribeImages: describeImages(cloud),
      BatchGetImage: batchGetImage(cloud),
    },
  };
}

function describeRepositories(cloud: Cloud): Operation {
  return {
    members: ['repositoryNames', 'registryId'],
    needs: ({ input }) =>
      (input.repositoryNames ?? ['*']).map((name: string) => ({
        action: 'ecr:DescribeRepositories',
        resource: repositoryArn(cloud, name),
      })),
    run: async ({ input }) => {
      const names: readonly string[] = input.repositoryNames ?? [...readImages(cloud).keys()];
      return { repositories: names.map((name) => describeRepository(cloud, findImage(cloud, name))) };
    },
  };
}

function describeImages(cloud: Cloud): Operation {
  return {
    members: ['repositoryName', 'imageIds', 'registryId'],
    needs: ({ input }) => [{ action: 'ecr:DescribeImages', resource: repositoryArn(cloud, input.repositoryName) }],
    run: async ({ input }) => {
      requireOwnRegistry(cloud, input.registryId, input.repositoryName);
      const image = findImage(cloud, input.repositoryName);
      const { digest, bytes, changedAt } = contentsOf(image.directory);
      for (const id of (input.imageIds ?? []) as ImageId[]) {
        const wanted = reference(image, id);
        if (!matches(image, digest, wanted)) throw imageNotFound(cloud, wanted);
      }
      const detail = {
        registryId: cloud.account,
        repositoryName: image.repository,
        imageDigest: digest,
        imageTags: image.tags,
        imageSizeInBytes: bytes,
        imagePushedAt: changedAt,
      };
      return { imageDetails: [detail] };
    },
  };
}

function batchGetImage(cloud: Cloud): Operation {
  return {
    members: ['repositoryName', 'imageIds', 'registryId', 'acceptedMediaTypes'],
    needs: ({ input }) => [
      { action: 'ecr:BatchGetImage', resource: repositoryArn(cloud, input.repositoryName, input.registryId) },
    ],
    run: async ({ input }) => {
      const { repositoryName, registryId = cloud.account } = input;
      const ids = (input.imageIds ?? []) as ImageId[];
      const digests =
        registryId === cloud.account
          ? ownDigests(cloud, repositoryName, ids)
          : awsDigests(registryId, repositoryName, ids);
      return {
        images: ids.flatMap((id, i) =>
          digests[i] === undefined
            ? []
            : [
                {
                  registryId,
                  repositoryName,
                  imageId: { imageDigest: digests[i], ...(id.imageTag && { imageTag: id.imageTag }) },
                },
              ],
        ),
        failures: ids
          .filter((_, i) => digests[i] === undefined)
          .map((imageId) => ({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' })),
      };
    },
  };
}

/** AWS lets others pull its images, not describe them. */
function requireOwnRegistry(cloud: Cloud, registryId: string | undefined, repository: string): void {
  if (registryId === undefined || registryId === cloud.account) return;
  throw new ServiceError(
    'AccessDeniedException',
    `not authorized to perform: ecr:DescribeImages on resource: ${repositoryArn(cloud, repository, registryId)} because no resource-based policy allows the ecr:DescribeImages action`,
  );
}

/** The digest of each image that is there. */
function ownDigests(cloud: Cloud, repository: string, ids: readonly ImageId[]): (string | undefined)[] {
  const image = findImage(cloud, repository);
  const { digest } = contentsOf(image.directory);
  return ids.map((id) => (matches(image, digest, reference(image, id)) ? digest : undefined));
}

/** AWS lets everybody pull its own images, by tag or digest. */
function awsDigests(registryId: string, repository: string, ids: readonly ImageId[]): (string | undefined)[] {
  if (!isAwsRepository(repository)) {
    throw new ServiceError(
      'RepositoryNotFoundException',
      `The repository with name '${repository}' does not exist in the registry with id '${registryId}'`,
    );
  }
  return ids.map(
    ({ imageTag: tag, imageDigest: digest }) =>
      awsImage(repository, { ...(tag && { tag }), ...(digest && { digest }) })?.digest,
  );
}

const reference = (image: LocalImage, { imageTag, imageDigest }: ImageId): ImageReference => ({
  repository: image.repository,
  ...(imageTag && { tag: imageTag }),
  ...(imageDigest && { digest: imageDigest }),
});

const repositoryArn = (cloud: Cloud, name: string, registryId: string = cloud.account): string =>
  `arn:aws:ecr:${cloud.region}:${registryId}:repository/${name}`;

const describeRepository = (cloud: Cloud, image: LocalImage) => ({
  repositoryArn: repositoryArn(cloud, image.repository),
  registryId: cloud.account,
  repositoryName: image.repository,
  repositoryUri: `${cloud.account}.dkr.ecr.${cloud.region}.amazonaws.com/${image.repository}`,
});
