import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { type Cloud, ServiceError } from '../../service.ts';
import { contentsOf } from './images.ts';

const SPACE = 'ecr.images';

/** An image that was pushed: a directory of its own below the cloud's state, which nothing changes any more. */
export interface PushedImage {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. */
  readonly pushedAt: number;
  readonly bytes: number;
}

/** Where whoever pushes puts a directory before it is an image. */
export const uploadFolder = (cloud: Cloud): string => join(cloud.stateDir, 'ecr', 'uploads');

export const directoryOf = (cloud: Cloud, { digest }: Pick<PushedImage, 'digest'>): string =>
  join(cloud.stateDir, 'ecr', 'images', digest.replace('sha256:', ''));

export const pushedImages = (cloud: Cloud, repository: string): PushedImage[] =>
  cloud.store.list<PushedImage>(SPACE, `${repository}/sha256:`).map(({ value }) => value);

/**
 * Makes an uploaded directory an image, and a tag point at it.
 *
 * @param directory absolute, below `uploadFolder`; it is gone afterwards
 * @throws {ServiceError} LayersNotFoundException, ImageTagAlreadyExistsException
 */
export function pushImage(
  cloud: Cloud,
  { name: repository, immutableTags }: { readonly name: string; readonly immutableTags: boolean },
  tag: string | undefined,
  directory: string,
): PushedImage {
  if (!resolve(directory).startsWith(uploadFolder(cloud) + sep)) {
    throw new ServiceError('LayersNotFoundException', `expected a directory below ${uploadFolder(cloud)}`);
  }
  const { digest, bytes } = contentsOf(directory);
  const images = pushedImages(cloud, repository);
  const holder = tag === undefined ? undefined : images.find(({ tags }) => tags.includes(tag));
  if (holder && holder.digest !== digest && immutableTags) {
    throw new ServiceError(
      'ImageTagAlreadyExistsException',
      `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
    );
  }
  const known = images.find((image) => image.digest === digest);
  const tags = [...new Set([...(known?.tags ?? []), ...(tag === undefined ? [] : [tag])])];
  const pushed: PushedImage = { repository, digest, tags, pushedAt: known?.pushedAt ?? cloud.clock.now(), bytes };
  takeIn(directory, directoryOf(cloud, pushed));
  cloud.store.transaction(() => {
    if (holder && holder.digest !== digest) save(cloud, { ...holder, tags: holder.tags.filter((one) => one !== tag) });
    save(cloud, pushed);
  });
  return pushed;
}

/** Contents name their folder, so what is there already is the same, and may be in use. */
function takeIn(from: string, to: string): void {
  if (existsSync(to)) {
    rmSync(from, { recursive: true });
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}

export function deletePushed(cloud: Cloud, image: PushedImage): void {
  cloud.store.delete(SPACE, `${image.repository}/${image.digest}`);
  const used = cloud.store.list<PushedImage>(SPACE).some(({ value }) => value.digest === image.digest);
  if (!used) rmSync(directoryOf(cloud, image), { recursive: true, force: true });
}

const save = (cloud: Cloud, image: PushedImage): void =>
  cloud.store.put(SPACE, `${image.repository}/${image.digest}`, image);
