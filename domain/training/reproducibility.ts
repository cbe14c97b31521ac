import type { ModelDefinition } from '../model-definition.ts';
import type { VersionRow } from '../version.ts';
import { VERSIONS_FILE } from './library-versions.ts';

/** Hyperparameters that are taken for the seed: `seed`, `random_state`, `bagging_seed`. */
const SEED = /(^|[_.-])(seed|random_state)$/i;

/**
 * What somebody who trains it again would have to guess, in sentences. Dataset, source and hyperparameters are always recorded by
 * digest; a missing git commit is told where the data are. Of a model that was trained elsewhere nothing is known, which is told
 * once.
 */
export function reproducibilityFindings(
  { training, artifact }: Pick<VersionRow, 'training' | 'artifact'>,
  definition: Pick<ModelDefinition, 'training'>,
): string[] {
  if (!training) return [];
  // AWS's own algorithms have a seed by default, and their libraries are those of the image.
  const isOwnProgram = definition.training.algorithm === undefined;
  const hasSeed = Object.keys(definition.training.hyperparameters).some((name) => SEED.test(name));
  return [
    ...(training.image.includes('@sha256:')
      ? []
      : [`The image that trained it is not pinned by a digest: ${training.image} may be another today.`]),
    ...(isOwnProgram && !hasSeed
      ? ['No seed is among the hyperparameters: training again may make another model.']
      : []),
    ...(isOwnProgram && artifact.libraries === undefined
      ? [
          `The versions of the libraries that trained it are not recorded: training wrote no ${VERSIONS_FILE} of names and versions; only the image fixes them.`,
        ]
      : []),
  ];
}
