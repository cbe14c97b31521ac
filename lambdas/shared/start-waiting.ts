import { activeOf, givesWay } from '../../domain/admission.ts';
import { refusalMail } from '../../domain/intake/refusal-mail.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import type { Mailer } from '../../domain/ports.ts';
import { refusalId } from './refusal-id.ts';
import { type StartReleaseDependencies, startRelease } from './start-release.ts';
import { hasUnreadInputs, type UnreadInputsDependencies } from './unread-inputs.ts';

export interface StartWaitingDependencies extends StartReleaseDependencies, UnreadInputsDependencies {
  readonly mailer: Mailer;
}

const ATTEMPTS = 5;

/**
 * Starts what waits for a model, where nothing stands in its way. Whoever ends a release does so, whoever admits a newer definition
 * or source, and the hourly sweep: the first one starts it, by the path that every upload takes.
 *
 * A definition or source that was uploaded and not yet processed is awaited: whoever processes it comes here.
 *
 * @param actor who is named where what waits can no longer be started
 * @throws {Error} the model's row changed at every attempt
 */
export async function startWaiting(
  dependencies: StartWaitingDependencies,
  model: string,
  actor: string,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const row = await dependencies.ledger.findModel(model);
    // A dataset that waits for the governor is not started by the end of another release.
    const waits = row && ((row.startOn === 'schedule' ? undefined : row.queued) ?? row.queuedExperiment);
    if (!waits || !givesWay(row, await activeOf(dependencies.ledger, row))) return;
    if (await hasUnreadInputs(dependencies, row)) return;
    const started = await startRelease(dependencies)(row, waits);
    if (started.kind === 'started') return;
    if (started.kind === 'impossible') await refuseWaiting(dependencies, row, waits, started.why, actor);
  }
  throw new Error(`expected to start what waits for ${model} within ${ATTEMPTS} attempts, got a change each time`);
}

async function refuseWaiting(
  { ledger, mailer, now }: StartWaitingDependencies,
  row: ModelRow,
  upload: QueuedUpload,
  message: string,
  actor: string,
): Promise<void> {
  const refusal = {
    id: refusalId(upload.dataset),
    model: row.model,
    object: upload.dataset,
    submitter: upload.submitter,
    at: now().toISOString(),
    message,
    problems: [],
    toldTo: [row.owner],
  };
  const dropped = await ledger.dropQueued(row.model, upload, refusal, {
    type: 'UploadRefused',
    actor,
    subject: `model/${row.model}`,
    details: { dataset: upload.dataset.key, why: message },
  });
  if (dropped) await mailer.send(refusalMail(refusal));
}
