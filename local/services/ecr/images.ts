import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Cloud, ServiceError } from '../../service.ts';

/** What a tag points at: an image here is a directory with a Dockerfile beside its programs. */
export interface LocalImage {
  readonly repository: string;
  /** Absolute. */
  readonly directory: string;
  /** `latest` and every tag it was registered with. */
  readonly tags: readonly string[];
}

export interface ImageReference {
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

interface Contents {
  readonly digest: string;
  readonly bytes: number;
  readonly changedAt: Date;
}

/** Installed packages are what the build adds, not what the author wrote. */
const NOT_CONTENT = new Set(['node_modules', '.git', '__pycache__']);

/**
 * Maps a repository to a directory of this machine; it replaces an earlier mapping and keeps its tags.
 *
 * @param repository `flight-delays`, or with a tag of its own beside `latest`: `flight-delays:1.0`
 * @param directory absolute
 */
export function registerImage(cloud: Cloud, repository: string, directory: string): void {
  const { repository: name, tag } = parseImage(repository);
  const images = readImages(cloud);
  const tags = new Set([...(images.get(name)?.tags ?? ['latest']), ...(tag ? [tag] : [])]);
  images.set(name, { repository: name, directory, tags: [...tags] });
  const entries = [...images.values()].map((image) => [
    image.repository,
    { directory: image.directory, tags: image.tags },
  ]);
  mkdirSync(cloud.stateDir, { recursive: true });
  const file = join(cloud.stateDir, 'images.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Every registered image, by repository name. */
export function readImages(cloud: Cloud): Map<string, LocalImage> {
  const text = readIfPresent(join(cloud.stateDir, 'images.json'));
  if (text === undefined) return new Map();
  const entries = Object.entries(JSON.parse(text) as Record<string, { directory: string; tags: string[] }>);
  return new Map(entries.map(([repository, image]) => [repository, { repository, ...image }]));
}

/** The digest covers names, link targets and bytes of all files, in name order. */
export function contentsOf(directory: string): Contents {
  const hash = createHash('sha256');
  let bytes = 0;
  let changedAt = 0;
  for (const path of filesBelow(directory)) {
    const file = join(directory, path);
    const content = isLink(file) ? Buffer.from(readlinkSync(file)) : readFileSync(file);
    hash.update(`${path}\n${content.length}\n`).update(content);
    bytes += content.length;
    if (!isLink(file)) changedAt = Math.max(changedAt, statSync(file).mtimeMs);
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes, changedAt: new Date(changedAt) };
}

/** `[REGISTRY/]repository[:tag][@digest]`; a registry has a dot or a port in its first segment. */
export function parseImage(imageUri: string): ImageReference {
  const pattern = /^(?:[^/]*[.:][^/]*\/)?([a-z0-9][a-z0-9._/-]*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;
  const match = pattern.exec(imageUri);
  if (!match) {
    throw new ServiceError(
      'InvalidParameterException',
      `expected an image such as name:tag or name@sha256:…, got ${imageUri}`,
    );
  }
  const [, repository, tag, digest] = match;
  return { repository: repository!, ...(tag && { tag }), ...(digest && { digest }) };
}

function* filesBelow(directory: string, below = ''): Generator<string> {
  const entries = readdirSync(join(directory, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_CONTENT.has(entry.name)) continue;
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) yield* filesBelow(directory, path);
    else if (entry.isFile() || entry.isSymbolicLink()) yield path;
  }
}

const isLink = (file: string): boolean => lstatSync(file).isSymbolicLink();

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
