import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../../../container/processes.ts';
import type { Cloud, Principal } from '../../../service.ts';
import { type AwsImage, awsImageAt, SCRIPT_MODE } from '../../ecr/aws-images.ts';
import { parseImage } from '../../ecr/images.ts';
import { imageDirectory } from '../../ecr/registry.ts';
import { repositoryArn } from '../../ecr/repositories.ts';

/** Where an image's `train` and `serve` programs are. */
interface ImageDirectory {
  /** Absolute. */
  readonly directory: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Pulls an image with the role of the job or model. */
export type ImageSource = (cloud: Cloud, imageUri: string, role: Principal) => Promise<ImageDirectory>;

/** What `docker pull` needs beside `ecr:BatchGetImage`. */
const LAYERS = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer'];

/** Pulls from the local registry, with what the role needs for it on AWS. */
export const pullFromRegistry: ImageSource = async (cloud, imageUri, role) => {
  const { repository, tag, digest } = parseImage(imageUri);
  const resource = repositoryArn(cloud, repository);
  cloud.authorize(role, [
    { action: 'ecr:GetAuthorizationToken', resource: '*' },
    ...LAYERS.map((action) => ({ action, resource })),
  ]);
  const imageId = digest ? { imageDigest: digest } : { imageTag: tag ?? 'latest' };
  await cloud.call({
    service: 'ecr',
    operation: 'BatchGetImage',
    principal: role,
    input: { repositoryName: repository, imageIds: [imageId] },
  });
  return imageDirectory(cloud, imageUri);
};

/** An image that can run here. */
export interface Image {
  readonly digest: string;
  readonly program: (name: 'train' | 'serve', env: Readonly<Record<string, string>>) => Program;
}

export class ImageError extends Error {
  override readonly name = 'ImageError';
}

/** @throws {ImageError} where the image or the program in it, or a Python for a framework image, is missing */
export async function resolveImage(
  cloud: Cloud,
  source: ImageSource,
  uri: string,
  name: 'train' | 'serve',
  role: Principal,
): Promise<Image> {
  const aws = awsImageAt(uri, cloud.account);
  if (aws) return frameworkImage(uri, aws);
  const { directory, digest } = await source(cloud, uri, role);
  const command = join(directory, name);
  await access(command, constants.X_OK).catch(() => {
    throw new ImageError(`expected an executable ${name} in the directory of image ${uri}`);
  });
  return {
    digest,
    program: (program, env) => ({ command: join(directory, program), args: [program], cwd: directory, env }),
  };
}

async function frameworkImage(uri: string, { module, digest }: AwsImage): Promise<Image> {
  const python = await findPython(module);
  if (!python) {
    throw new ImageError(
      `image ${uri} needs a Python that imports ${module}: none of LAUNCHWAY_PYTHON, python3 and /usr/bin/python3 does`,
    );
  }
  return {
    digest,
    program: (name, env) => ({
      command: python,
      args: ['-u', join(SCRIPT_MODE, `${name}.py`), module],
      cwd: SCRIPT_MODE,
      env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONHASHSEED: '0', ...env },
    }),
  };
}

const pythons = new Map<string, Promise<string | undefined>>();

/** The first Python that imports a module; asked once per process and setting. */
export function findPython(module: string): Promise<string | undefined> {
  const key = `${module} ${process.env.LAUNCHWAY_PYTHON ?? ''}`;
  const known = pythons.get(key) ?? searchPython(module);
  pythons.set(key, known);
  return known;
}

async function searchPython(module: string): Promise<string | undefined> {
  const run = promisify(execFile);
  for (const python of [process.env.LAUNCHWAY_PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    try {
      const { stdout } = await run(python, ['-c', `import ${module}, sys; print(sys.executable)`], { timeout: 60_000 });
      return stdout.trim();
    } catch {
      // Not this one: missing, or without the module. The caller says so when none is left.
    }
  }
  return undefined;
}
