import { type Call, type Cloud, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { awsImage, isAwsRepository } from './aws-images.ts';
import type { ImageReference } from './images.ts';
import { pushImage } from './pushed-images.ts';
import { findImage, imagesOf, matches, type RegistryImage } from './registry.ts';
import { type Repositories, repositoryArn } from './repositories.ts';

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** What `docker push` does; here it is one call. */
const PUSH = [
  'BatchCheckLayerAvailability',
  'CompleteLayerUpload',
  'InitiateLayerUpload',
  'PutImage',
  'UploadLayerPart',
];

const TWELVE_HOURS = 43_200_000;

export function imageOperations(cloud: Cloud, repositories: Repositories): Record<string, Operation> {
  const onRepository =
    (action: string) =>
    ({ input }: Call) => [{ action: `ecr:${action}`, resource: repositoryArn(cloud, input.repositoryName) }];
  return {
    DescribeImages: {
      members: ['repositoryName', 'imageIds', 'registryId'],
      needs: onRepository('DescribeImages'),
      run: async ({ input }) => {
        requireOwnRegistry(cloud, input);
        return { imageDetails: chosen(cloud, input).map((image) => detailOf(cloud, image)) };
      },
    },
    ListImages: {
      members: ['repositoryName', 'registryId'],
      needs: onRepository('ListImages'),
      run: async ({ input }) => ({ imageIds: imagesOf(cloud, input.repositoryName).flatMap(idsOf) }),
    },
    BatchGetImage: {
      members: ['repositoryName', 'imageIds', 'registryId', 'acceptedMediaTypes'],
      needs: ({ input }) => [
        { action: 'ecr:BatchGetImage', resource: repositoryArn(cloud, input.repositoryName, input.registryId) },
      ],
      run: async ({ input }) => batchGetImage(cloud, input),
    },
    PutImage: {
      members: ['repositoryName', 'registryId', 'imageManifest', 'imageManifestMediaType', 'imageTag'],
      needs: ({ input }) => PUSH.flatMap((action) => onRepository(action)({ input } as Call)),
      run: async ({ input }) => putImage(cloud, repositories, input),
    },
    GetAuthorizationToken: {
      members: ['registryIds'],
      needs: () => [{ action: 'ecr:GetAuthorizationToken', resource: '*' }],
      run: async () => ({
        authorizationData: [
          {
            // Who pushes is known by its access key; the token lets nobody in.
            authorizationToken: Buffer.from('AWS:local').toString('base64'),
            expiresAt: new Date(cloud.clock.now() + TWELVE_HOURS),
            proxyEndpoint: `https://${cloud.account}.dkr.ecr.${cloud.region}.amazonaws.com`,
          },
        ],
      }),
    },
  };
}

/** The images that are named, or all. @throws {ServiceError} ImageNotFoundException */
function chosen(cloud: Cloud, { repositoryName, imageIds }: Call['input']): RegistryImage[] {
  const all = imagesOf(cloud, repositoryName);
  if (imageIds === undefined) return all;
  return (imageIds as ImageId[]).map((id) => findImage(cloud, referenceTo(repositoryName, id)));
}

function batchGetImage(cloud: Cloud, { repositoryName, imageIds, registryId = cloud.account }: Call['input']) {
  const ids = (imageIds ?? []) as ImageId[];
  const digests =
    registryId === cloud.account ? ownDigests(cloud, repositoryName, ids) : awsDigests(registryId, repositoryName, ids);
  const found = ids.map((id, i) => ({ imageDigest: digests[i], ...(id.imageTag && { imageTag: id.imageTag }) }));
  return {
    images: found
      .filter(({ imageDigest }) => imageDigest !== undefined)
      .map((imageId) => ({ registryId, repositoryName, imageId })),
    failures: ids
      .filter((_, i) => digests[i] === undefined)
      .map((imageId) => ({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' })),
  };
}

/** The digest of each image that is there. */
function ownDigests(cloud: Cloud, repository: string, ids: readonly ImageId[]): (string | undefined)[] {
  const all = imagesOf(cloud, repository);
  return ids.map((id) => all.find((image) => matches(image, referenceTo(repository, id)))?.digest);
}

/** AWS lets everybody pull its own images, by tag or digest. */
function awsDigests(registryId: string, repository: string, ids: readonly ImageId[]): (string | undefined)[] {
  if (!isAwsRepository(repository)) {
    throw new ServiceError(
      'RepositoryNotFoundException',
      `The repository with name '${repository}' does not exist in the registry with id '${registryId}'`,
    );
  }
  return ids.map((id) => awsImage(repository, referenceTo(repository, id))?.digest);
}

/** AWS lets others pull its images, not describe them. */
function requireOwnRegistry(cloud: Cloud, { registryId, repositoryName }: Call['input']): void {
  if (registryId === undefined || registryId === cloud.account) return;
  const resource = repositoryArn(cloud, repositoryName, registryId);
  throw new ServiceError(
    'AccessDeniedException',
    `not authorized to perform: ecr:DescribeImages on resource: ${resource} because no resource-based policy allows the ecr:DescribeImages action`,
  );
}

function putImage(cloud: Cloud, repositories: Repositories, input: Call['input']) {
  const { repositoryName: name, imageTag, imageManifest } = input;
  imagesOf(cloud, name);
  const directory = directoryIn(imageManifest);
  if (directory === undefined) {
    throw new NotImplementedError('ecr:PutImage imageManifest: images here are directories, pushed by a build');
  }
  const repository = repositories.find(name) ?? { name, immutableTags: false };
  const { digest } = pushImage(cloud, repository, imageTag, directory);
  cloud.publish({
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    resources: [],
    detail: {
      result: 'SUCCESS',
      'repository-name': name,
      'image-digest': digest,
      'action-type': 'PUSH',
      ...(imageTag && { 'image-tag': imageTag }),
    },
  });
  return {
    image: {
      registryId: cloud.account,
      repositoryName: name,
      imageId: { imageDigest: digest, ...(imageTag && { imageTag }) },
      imageManifest,
    },
  };
}

/** A manifest of this registry: `{ "directory": "/…" }`. */
function directoryIn(manifest: unknown): string | undefined {
  try {
    const { directory } = JSON.parse(String(manifest)) as { directory?: unknown };
    return typeof directory === 'string' ? directory : undefined;
  } catch {
    return undefined;
  }
}

const referenceTo = (repository: string, { imageTag, imageDigest }: ImageId): ImageReference => ({
  repository,
  ...(imageTag && { tag: imageTag }),
  ...(imageDigest && { digest: imageDigest }),
});

const idsOf = ({ digest, tags }: RegistryImage): ImageId[] =>
  tags.length === 0 ? [{ imageDigest: digest }] : tags.map((imageTag) => ({ imageDigest: digest, imageTag }));

const detailOf = (cloud: Cloud, { repository, digest, tags, bytes, pushedAt }: RegistryImage) => ({
  registryId: cloud.account,
  repositoryName: repository,
  imageDigest: digest,
  ...(tags.length > 0 && { imageTags: tags }),
  imageSizeInBytes: bytes,
  imagePushedAt: pushedAt,
});
