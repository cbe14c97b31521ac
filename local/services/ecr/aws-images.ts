import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseImage } from './images.ts';

/** One of AWS's own images, as far as something here can stand for it. */
export interface AwsImage {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…` of its name and of the runner that stands for it here: a changed runner is another image. */
  readonly digest: string;
  /** What the Python that runs it must import. */
  readonly module: string;
}

/** What stands for AWS's framework containers here. */
export const SCRIPT_MODE = fileURLToPath(new URL('../sagemaker/script-mode', import.meta.url));

const KNOWN: ReadonlyMap<string, { readonly module: string; readonly tags: readonly string[] }> = new Map([
  ['sagemaker-scikit-learn', { module: 'sklearn', tags: ['1.2-1-cpu-py3'] }],
  ['sagemaker-xgboost', { module: 'xgboost', tags: ['1.7-1'] }],
  ['pytorch-training', { module: 'torch', tags: ['2.3.0-cpu-py311', '2.3.0-gpu-py311'] }],
  ['pytorch-inference', { module: 'torch', tags: ['2.3.0-cpu-py311', '2.3.0-gpu-py311'] }],
]);

export const isAwsRepository = (repository: string): boolean => KNOWN.has(repository);

/** @returns undefined where it is none of AWS's images that are known here */
export function awsImage(
  repository: string,
  { tag, digest }: { readonly tag?: string; readonly digest?: string },
): AwsImage | undefined {
  const known = KNOWN.get(repository);
  if (!known) return undefined;
  return known.tags
    .map((each) => ({ repository, tag: each, digest: digestOf(repository, each), module: known.module }))
    .find((image) => (digest === undefined ? image.tag === tag : image.digest === digest));
}

/** An image by its whole name; only another account's registry holds AWS's own. */
export function awsImageAt(uri: string, account: string): AwsImage | undefined {
  const [, registry] = /^(\d{12})\.dkr\.ecr\./.exec(uri) ?? [];
  if (registry === undefined || registry === account) return undefined;
  const { repository, ...wanted } = parseImage(uri);
  return awsImage(repository, wanted);
}

const RUNNER = ['train.py', 'serve.py', 'launchway_requirements.py', 'xgboost_algorithm.py'];

function digestOf(repository: string, tag: string): string {
  const hash = createHash('sha256').update(`${repository}\0${tag}\0`);
  for (const file of RUNNER) hash.update(readFileSync(join(SCRIPT_MODE, file)));
  return `sha256:${hash.digest('hex')}`;
}
