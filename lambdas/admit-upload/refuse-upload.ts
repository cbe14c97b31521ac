import type { Refusal } from '../../domain/admission.ts';
import { refusalMail } from '../../domain/intake/refusal-mail.ts';
import { filedUnder } from '../../domain/intake/upload-key.ts';
import type { QueuedUpload } from '../../domain/model.ts';
import { refusalId } from '../shared/refusal-id.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';

const MAX_PROBLEMS = 100;

/** Reports, mails and records a refusal. The row goes last: a crash in between repeats the mail, and never loses it. */
export async function refuseUpload(
  { ledger, objects, mailer, config, buckets, now }: AdmitUploadDependencies,
  upload: QueuedUpload,
  {
    message,
    problems,
    owner,
  }: { readonly message: string; readonly problems: readonly string[]; readonly owner?: string },
): Promise<void> {
  const model = filedUnder(upload.dataset.key);
  const versionId = upload.dataset.versionId ?? 'null';
  if (await ledger.findClaim(model, upload.dataset.key, versionId)) return;
  const id = refusalId(upload.dataset);
  const person = upload.submitter.person === undefined ? undefined : config.people[upload.submitter.person];
  const refusal: Refusal = {
    id,
    model,
    object: upload.dataset,
    submitter: upload.submitter,
    at: now().toISOString(),
    message,
    problems: problems.slice(0, MAX_PROBLEMS),
    toldTo: [...new Set([owner ?? config.mail.operators, ...(person ? [person.email] : [])])],
  };
  const report = { bucket: buckets.artifacts, key: `refusals/${model}/${id}.json` };
  await objects.put(report, JSON.stringify({ schema: 'launchway/refusal/v1', ...refusal }), 'application/json');
  await mailer.send(refusalMail(refusal));
  await ledger.refuse(refusal, { model, key: upload.dataset.key, versionId, became: { kind: 'refusal', id } });
}
