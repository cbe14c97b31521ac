import type { ModelDefinition } from '../model-definition.ts';
import { awsAccount } from './aws-registries.ts';

/** A container image by tag. */
export interface ImageReference {
  /** Another account's registry; absent: this account's own. */
  readonly registry?: string;
  readonly repository: string;
  readonly tag: string;
}

/** What trains a model, and what serves it; the same where it was trained elsewhere. */
export interface ModelImages {
  readonly training: ImageReference;
  readonly serving: ImageReference;
}

export const FRAMEWORKS = ['sklearn-1.2', 'xgboost-1.7', 'pytorch-2.3'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** AWS publishes one image for both uses of scikit-learn and XGBoost, and four of PyTorch: by use and by processor. */
const FRAMEWORK_IMAGES: Readonly<
  Record<Framework, Readonly<Record<'training' | 'serving', (isGpu: boolean) => [string, string]>>>
> = {
  'sklearn-1.2': both('sagemaker-scikit-learn', '1.2-1-cpu-py3'),
  'xgboost-1.7': both('sagemaker-xgboost', '1.7-1'),
  'pytorch-2.3': {
    training: (isGpu) => ['pytorch-training', `2.3.0-${isGpu ? 'gpu' : 'cpu'}-py311`],
    serving: (isGpu) => ['pytorch-inference', `2.3.0-${isGpu ? 'gpu' : 'cpu'}-py311`],
  },
};

function both(repository: string, tag: string) {
  return { training: (): [string, string] => [repository, tag], serving: (): [string, string] => [repository, tag] };
}

/** Families with NVIDIA GPUs: `ml.g5.xlarge`, `ml.p3.2xlarge`. */
export const hasGpu = (instanceType: string): boolean => /^ml\.(g|p)\d/.test(instanceType);

/** @throws {RangeError} AWS publishes no such image in this region, as far as our table knows */
export function imagesOf({ training, serving }: ModelDefinition, region: string): ModelImages {
  const aws = training.algorithm ?? training.framework;
  const serves = serving.image
    ? ownImage(serving.image)
    : training.image
      ? ownImage(training.image)
      : frameworkImage(aws!, 'serving', hasGpu(serving.realtime.instance), region);
  // Nothing here trained it.
  if (training.artifact !== undefined) return { training: serves, serving: serves };
  const trains = training.image
    ? ownImage(training.image)
    : frameworkImage(aws!, 'training', hasGpu(training.instance.types[0]!), region);
  return { training: trains, serving: serves };
}

function frameworkImage(
  framework: Framework,
  use: 'training' | 'serving',
  isGpu: boolean,
  region: string,
): ImageReference {
  const [repository, tag] = FRAMEWORK_IMAGES[framework][use](isGpu);
  return { registry: awsAccount(repository, region), repository, tag };
}

/** `repository:tag` of this account. */
export function ownImage(image: string): ImageReference {
  const at = image.lastIndexOf(':');
  return { repository: image.slice(0, at), tag: image.slice(at + 1) };
}

/** As people name it: `launchway/flight-delays:1`, `141502667606/sagemaker-xgboost:1.7-1`. */
export const imageName = ({ registry, repository, tag }: ImageReference): string =>
  `${registry === undefined ? '' : `${registry}/`}${repository}:${tag}`;
