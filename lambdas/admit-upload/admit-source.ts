import type { QueuedUpload } from '../../domain/model.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { findDefinedModel, whyUnknown } from './awaits-definition.ts';
import { refuseUpload } from './refuse-upload.ts';

/** Code for the next release: its version is pinned on the model's row; the bytes are sealed when a release takes them. */
export async function admitSource(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
): Promise<void> {
  const { ledger } = dependencies;
  const versionId = upload.dataset.versionId ?? 'null';
  if (await ledger.findClaim(model, upload.dataset.key, versionId)) return;
  const row = await findDefinedModel(dependencies, model);
  if (!row) {
    await refuseUpload(dependencies, upload, await whyUnknown(dependencies, model));
    return;
  }
  if (row.training?.framework === undefined) {
    const message = `model ${model} trains with its own image, which holds its code: source.tar.gz is not used`;
    await refuseUpload(dependencies, upload, { message, problems: [], owner: row.owner });
    return;
  }
  await ledger.saveSource(
    model,
    upload.dataset,
    { model, key: upload.dataset.key, versionId, became: { kind: 'source' } },
    {
      type: 'SourceChanged',
      actor: upload.submitter.person ?? upload.submitter.principal,
      subject: `model/${model}`,
      details: { key: upload.dataset.key, versionId },
    },
  );
}
