import type { QueuedUpload } from '../../domain/model.ts';
import { refusalId } from '../shared/refusal-id.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { findDefinedModel, whyUnknown } from './awaits-definition.ts';
import { refuseUpload } from './refuse-upload.ts';

/** Outcomes: a row that monitoring works through within the hour. Nothing is read here, however large the file is. */
export async function admitLabels(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
): Promise<void> {
  const { ledger, labels, now } = dependencies;
  const { dataset: object, submitter, uploadedAt } = upload;
  const versionId = object.versionId ?? 'null';
  if (await ledger.findClaim(model, object.key, versionId)) return;
  const row = await findDefinedModel(dependencies, model);
  if (!row) {
    await refuseUpload(dependencies, upload, await whyUnknown(dependencies, model));
    return;
  }
  const id = refusalId(object);
  const receivedAt = now().toISOString();
  await labels.receiveLabels(
    { model, id, object, submitter, uploadedAt, receivedAt, status: 'Received' },
    { model, key: object.key, versionId, became: { kind: 'labels', id } },
    {
      type: 'LabelsReceived',
      actor: submitter.person ?? submitter.principal,
      subject: `labels/${id}`,
      details: { key: object.key, versionId },
    },
  );
}
