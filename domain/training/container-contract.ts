import type { ModelDefinition } from '../model-definition.ts';
import { algorithmServing, objectivesOf } from './algorithms.ts';

/** Where SageMaker puts the `code` channel's archive in a training container. */
const CODE_ARCHIVE = '/opt/ml/input/data/code/sourcedir.tar.gz';

/**
 * Hyperparameters of the training job, as text.
 *
 * Script mode (AWS's framework images) reads JSON values and finds the program through `sagemaker_*`; the archive comes as a
 * channel, since an isolated container cannot download it. Other images get plain text.
 *
 * @see sagemaker-training toolkit: `sagemaker_program`, `sagemaker_submit_directory`
 */
export function trainingHyperparameters({ training, problem }: ModelDefinition): Record<string, string> {
  const own = Object.entries(training.hyperparameters);
  if (training.algorithm !== undefined) own.unshift(['objective', objectivesOf(problem)[0]!]);
  if (training.framework === undefined) return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, JSON.stringify(value)])),
    sagemaker_program: JSON.stringify(training.entryPoint),
    sagemaker_submit_directory: JSON.stringify(CODE_ARCHIVE),
    sagemaker_container_log_level: '20',
  };
}

/** Environment of a container that predicts: the same for validation and for serving, so both run the same code. */
export function servingEnvironment(definition: ModelDefinition): Record<string, string> {
  const { training, serving } = definition;
  if (serving.image !== undefined) return {};
  if (training.algorithm !== undefined) return algorithmServing(definition);
  if (training.framework === undefined) return {};
  return {
    SAGEMAKER_PROGRAM: training.entryPoint ?? '',
    SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
    SAGEMAKER_CONTAINER_LOG_LEVEL: '20',
  };
}
