import { codeUploadOf } from '../../domain/intake/code-upload.ts';
import { nameOf } from '../../domain/intake/upload-key.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { findDefinedModel, whyUnknown } from './awaits-definition.ts';
import { refuseUpload } from './refuse-upload.ts';

/** Code, or a model that was trained elsewhere, for the next release: its version is pinned on the model's row; the bytes are sealed when a release takes them. */
export async function admitCode(
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
  const name = nameOf(upload.dataset.key);
  if (codeUploadOf(row.training) !== name) {
    const message = `model ${model} ${inWords(row.training)}: ${name} is not used`;
    await refuseUpload(dependencies, upload, { message, problems: [], owner: row.owner });
    return;
  }
  const kind = name === 'model.tar.gz' ? 'artifact' : 'source';
  await ledger.saveCode(
    model,
    kind === 'artifact' ? { artifact: upload.dataset } : { source: upload.dataset },
    { model, key: upload.dataset.key, versionId, became: { kind } },
    {
      type: kind === 'artifact' ? 'ArtifactChanged' : 'SourceChanged',
      actor: upload.submitter.person ?? upload.submitter.principal,
      subject: `model/${model}`,
      details: { key: upload.dataset.key, versionId },
    },
  );
}

function inWords(training: ModelRow['training']): string {
  if (training?.isBrought) return 'is brought as it was trained elsewhere (training.artifact)';
  if (training?.framework !== undefined) return `trains with ${training.framework} and its source`;
  return training?.image === undefined
    ? 'trains with a built-in algorithm, which holds its code'
    : 'trains with its own image, which holds its code';
}
