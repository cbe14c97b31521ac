import { type Cloud, ServiceError } from '../../service.ts';
import { contentsOf, type ImageReference, parseImage, readImages } from './images.ts';
import { directoryOf, pushedImages } from './pushed-images.ts';
import type { Repository } from './repositories.ts';

/** An image as the registry's API sees it, wherever its directory is. */
export interface RegistryImage {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly pushedAt: Date;
  /** Absolute. */
  readonly directory: string;
}

/**
 * Every image of a repository, the newest push first; the directory that `images.json` names is one of them, as it is now.
 *
 * @throws {ServiceError} RepositoryNotFoundException
 */
export function imagesOf(cloud: Cloud, repository: string): RegistryImage[] {
  const pushed = pushedImages(cloud, repository)
    .map((image) => ({ ...image, pushedAt: new Date(image.pushedAt), directory: directoryOf(cloud, image) }))
    .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime());
  const mounted = readImages(cloud).get(repository);
  if (!mounted && pushed.length === 0 && !cloud.store.get<Repository>('ecr.repositories', repository)) {
    throw new ServiceError(
      'RepositoryNotFoundException',
      `The repository with name '${repository}' does not exist in the registry with id '${cloud.account}'`,
    );
  }
  if (!mounted) return pushed;
  const { digest, bytes, changedAt } = contentsOf(mounted.directory);
  const taken = new Set(pushed.flatMap(({ tags }) => tags));
  const tags = mounted.tags.filter((tag) => !taken.has(tag));
  return [...pushed, { repository, digest, tags, bytes, pushedAt: changedAt, directory: mounted.directory }];
}

/** @throws {ServiceError} RepositoryNotFoundException, ImageNotFoundException */
export function findImage(cloud: Cloud, wanted: ImageReference): RegistryImage {
  const image = imagesOf(cloud, wanted.repository).find((candidate) => matches(candidate, wanted));
  if (image) return image;
  const { repository, tag, digest } = wanted;
  throw new ServiceError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${digest ?? 'null'}', imageTag:'${tag ?? 'null'}'} does not exist within the ` +
      `repository with name '${repository}' in the registry with id '${cloud.account}'`,
  );
}

export const matches = (image: RegistryImage, { tag, digest }: ImageReference): boolean =>
  digest === undefined ? image.tags.includes(tag ?? 'latest') : image.digest === digest;

/**
 * Resolves an image as `docker pull` would.
 *
 * @param imageUri `REGISTRY/repository:tag` or `REGISTRY/repository@sha256:…`; the registry may be left out
 * @returns the directory and the digest of what is in it now
 * @throws {ServiceError} RepositoryNotFoundException; ImageNotFoundException for an unknown tag or a digest that is no longer there
 */
export function imageDirectory(cloud: Cloud, imageUri: string): { directory: string; digest: string } {
  const { directory, digest } = findImage(cloud, parseImage(imageUri));
  return { directory, digest };
}
