import type { ModelRow } from '../../domain/model.ts';
import { type InputName, lookAtInput } from '../shared/unread-inputs.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';

/**
 * Notifications of uploads made together arrive in any order: data may be announced before its definition.
 *
 * @throws {Error} the model's definition (or its code) is in the bucket and not yet processed: this message is to come again
 */
export async function awaitsDefinition(
  dependencies: AdmitUploadDependencies,
  model: string,
  name: InputName = 'model.yaml',
): Promise<void> {
  if ((await lookAtInput(dependencies, model, name)) === 'unread')
    throw new Error(`expected ${name} of ${model} to be admitted first, got this upload before it`);
}

/**
 * The model's row, looked for again once its definition is known to be processed: it may have been admitted between two looks,
 * and an upload must not be refused for that.
 *
 * @returns undefined where no definition made the model
 * @throws {Error} as awaitsDefinition
 */
export async function findDefinedModel(
  dependencies: AdmitUploadDependencies,
  model: string,
): Promise<ModelRow | undefined> {
  const row = await dependencies.ledger.findModel(model);
  if (row) return row;
  await awaitsDefinition(dependencies, model);
  return dependencies.ledger.findModel(model);
}

/** Why a model is unknown, for the one who uploaded to it. */
export async function whyUnknown(dependencies: AdmitUploadDependencies, model: string) {
  const definition = await lookAtInput(dependencies, model, 'model.yaml');
  const message =
    definition !== 'absent'
      ? `model ${model} is unknown: its model.yaml was refused`
      : `model ${model} is unknown: upload models/${model}/model.yaml first`;
  return { message, problems: [] };
}
