import type { Cloud, Operation, Service } from '../../service.ts';
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
    needs: ({ input }) => [{ action: 'ecr:BatchGetImage', resource: repositoryArn(cloud, input.repositoryName) }],
    run: async ({ input }) => {
      const image = findImage(cloud, input.repositoryName);
      const { digest } = contentsOf(image.directory);
      const ids = (input.imageIds ?? []) as ImageId[];
      const found = ids.filter((id) => matches(image, digest, reference(image, id)));
      return {
        images: found.map((id) => ({
          registryId: cloud.account,
          repositoryName: image.repository,
          imageId: { imageDigest: digest, ...(id.imageTag && { imageTag: id.imageTag }) },
        })),
        failures: ids
          .filter((id) => !found.includes(id))
          .map((imageId) => ({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' })),
      };
    },
  };
}

const reference = (image: LocalImage, { imageTag, imageDigest }: ImageId): ImageReference => ({
  repository: image.repository,
  ...(imageTag && { tag: imageTag }),
  ...(imageDigest && { digest: imageDigest }),
});

const repositoryArn = (cloud: Cloud, name: string): string =>
  `arn:aws:ecr:${cloud.region}:${cloud.account}:repository/${name}`;

const describeRepository = (cloud: Cloud, image: LocalImage) => ({
  repositoryArn: repositoryArn(cloud, image.repository),
  registryId: cloud.account,
  repositoryName: image.repository,
  repositoryUri: `${cloud.account}.dkr.ecr.${cloud.region}.amazonaws.com/${image.repository}`,
});
