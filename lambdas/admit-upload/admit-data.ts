import { activeOf, decideAdmission, slotsOf } from '../../domain/admission.ts';
import { codeOf, codeUploadOf } from '../../domain/intake/code-upload.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import { startRelease } from '../shared/start-release.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { awaitsDefinition, findDefinedModel, whyUnknown } from './awaits-definition.ts';
import { pinFiles } from './pin-files.ts';
import { refuseUpload } from './refuse-upload.ts';

const ATTEMPTS = 5;

/** A dataset: a release now, or the upload that waits for the active release, or nothing because a newer one was first. */
export async function admitData(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await wasSeen(dependencies, model, upload)) return;
    const row = await findDefinedModel(dependencies, model);
    if (!row) return refuseUpload(dependencies, upload, await whyUnknown(dependencies, model));
    const pinned = await pinFiles(dependencies, row, upload);
    if ('problems' in pinned) {
      await awaitsInputs(dependencies, row);
      if (await isUnchanged(dependencies, row)) return refuseFiles(dependencies, row, upload, pinned.problems);
      continue;
    }
    if (await decide(dependencies, row, pinned.upload)) return;
  }
  throw new Error(`expected to admit ${upload.dataset.key} within ${ATTEMPTS} attempts, got a change each time`);
}

const refuseFiles = (
  dependencies: AdmitUploadDependencies,
  { owner }: ModelRow,
  upload: QueuedUpload,
  problems: readonly string[],
): Promise<void> => {
  const message = problems.length === 1 ? problems[0]! : `${problems.length} problems, first ${problems[0]}`;
  return refuseUpload(dependencies, upload, { message, problems, owner });
};

/** An upload that was claimed is done, but for a release whose start may have been lost with the function that admitted it. */
async function wasSeen(
  { ledger, executions }: AdmitUploadDependencies,
  model: string,
  { dataset }: QueuedUpload,
): Promise<boolean> {
  const claim = await ledger.findClaim(model, dataset.key, dataset.versionId ?? 'null');
  if (claim?.became.kind === 'release') {
    const { status, executionName, release } = await ledger.getRelease(model, claim.became.release);
    if (status === 'Admitted') await executions.start(executionName, { model, release });
  }
  return claim !== undefined;
}

/** Data uploaded together with a newer definition or source is trained by these, in whatever order they are announced. */
async function awaitsInputs(dependencies: AdmitUploadDependencies, { model, training }: ModelRow): Promise<void> {
  await awaitsDefinition(dependencies, model);
  const code = codeUploadOf(training);
  if (code !== undefined) await awaitsDefinition(dependencies, model, code);
}

/** Admitted between two looks: a release must not start with what was read before. */
async function isUnchanged({ ledger }: AdmitUploadDependencies, row: ModelRow): Promise<boolean> {
  const now = await ledger.getModel(row.model);
  return now.definition.sha256 === row.definition.sha256 && codeOf(now)?.versionId === codeOf(row)?.versionId;
}

/** @returns false where the model's row changed meanwhile */
async function decide(dependencies: AdmitUploadDependencies, row: ModelRow, upload: QueuedUpload): Promise<boolean> {
  const { ledger } = dependencies;
  const event = (type: string) => ({
    type,
    actor: upload.submitter.person ?? upload.submitter.principal,
    subject: `model/${row.model}`,
    details: {
      dataset: upload.dataset.key,
      versionId: upload.dataset.versionId,
      replaces: row[slotsOf(upload).queued]?.dataset,
    },
  });
  const admission = decideAdmission(row, upload, await activeOf(ledger, row));
  if (admission === 'superseded') return ledger.supersede(upload, row, event('UploadSuperseded'));
  if (admission === 'queue') return ledger.queue(upload, row, event('UploadQueued'));
  await awaitsInputs(dependencies, row);
  if (!(await isUnchanged(dependencies, row))) return false;
  const started = await startRelease(dependencies)(row, upload);
  if (started.kind === 'changed') return false;
  if (started.kind === 'impossible') {
    const code = codeUploadOf(row.training);
    if (code !== undefined && !codeOf(row)) {
      await awaitsDefinition(dependencies, row.model, code);
      // Admitted between two looks: look at all of it again.
      const now = await ledger.findModel(row.model);
      if (now && codeOf(now)) return false;
    }
    await refuseUpload(dependencies, upload, { message: started.why, problems: [], owner: row.owner });
  }
  return true;
}
