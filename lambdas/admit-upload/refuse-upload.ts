import type { Refusal } from '../../domain/admission.ts';
import { refusalMail } from '../../domain/intake/refusal-mail.ts';
import type { QueuedUpload } from '../../domain/model.ts';
import { MODEL_NAME } from '../../domain/model-definition/patterns.ts';
import { refusalId } from '../shared/refusal-id.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';

const MAX_PROBLEMS = 100;

/** Model that refusals of unreadable keys are filed under. */
const NO_MODEL = 'unknown';

/** Mails and records a refusal. The mail goes first: a crash in between repeats it, and never loses it. */
export async function refuseUpload(
  { ledger, mailer, config, now }: AdmitUploadDependencies,
  upload: QueuedUpload,
  {
    message,
    problems,
    owner,
  }: { readonly message: string; readonly problems: readonly string[]; readonly owner?: string },
): Promise<void> {
  const named = upload.dataset.key.split('/')[1] ?? '';
  const model = MODEL_NAME.test(named) ? named : NO_MODEL;
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
  await mailer.send(refusalMail(refusal));
  await ledger.refuse(refusal, { model, key: upload.dataset.key, versionId, became: { kind: 'refusal', id } });
}
