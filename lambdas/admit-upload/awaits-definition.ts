import type { AdmitUploadDependencies } from './admit-upload.ts';

const claimOfCurrent = async ({ objects, ledger, buckets }: AdmitUploadDependencies, model: string, name: string) => {
  const key = `models/${model}/${name}`;
  const head = await objects.head({ bucket: buckets.intake, key });
  return head && { claim: await ledger.findClaim(model, key, head.versionId ?? 'null') };
};

/**
 * Notifications of uploads made together arrive in any order: data may be announced before its definition.
 *
 * @throws {Error} the model's definition (or `source.tar.gz`) is in the bucket and not yet processed: this message is to come again
 */
export async function awaitsDefinition(
  dependencies: AdmitUploadDependencies,
  model: string,
  name: 'model.yaml' | 'source.tar.gz' = 'model.yaml',
): Promise<void> {
  const current = await claimOfCurrent(dependencies, model, name);
  if (current && !current.claim)
    throw new Error(`expected ${name} of ${model} to be admitted first, got this upload before it`);
}

/** Why a model is unknown, for the one who uploaded to it. */
export async function whyUnknown(dependencies: AdmitUploadDependencies, model: string) {
  const current = await claimOfCurrent(dependencies, model, 'model.yaml');
  const message = current
    ? `model ${model} is unknown: its model.yaml was refused`
    : `model ${model} is unknown: upload models/${model}/model.yaml first`;
  return { message, problems: [] };
}
