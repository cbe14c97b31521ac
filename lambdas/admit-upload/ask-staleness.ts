import type { QueuedUpload } from '../../domain/model.ts';
import type { StalenessRow } from '../../domain/staleness/rows.ts';
import { refusalId } from '../shared/refusal-id.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';

/** How many versions are held against each other, and on predictions of how many days. */
export interface StalenessWish {
  readonly versions: number;
  readonly days: number;
}

/**
 * Has the last versions of a model held against the same recent predictions. However often the upload is announced it is one
 * measurement: its row and its execution are named after it.
 *
 * @returns why it was refused
 */
export async function askStaleness(
  { ledger, staleness, stalenessExecutions }: AdmitUploadDependencies,
  model: string,
  { dataset, submitter, uploadedAt }: QueuedUpload,
  { versions, days }: StalenessWish,
): Promise<string | undefined> {
  const { champion } = await ledger.getModel(model);
  if (!champion) return `${model} does not serve, so nothing was predicted that versions could be held against`;
  const askedAt = new Date(uploadedAt).toISOString();
  const id = `${askedAt.replaceAll(/[-:.]/g, '')}-${refusalId(dataset).slice(0, 8)}`;
  const asked: StalenessRow = {
    ...{ model, id, status: 'Asked', askedAt, askedBy: submitter, versions, days },
    origin: `upload/${dataset.key}#${dataset.versionId ?? 'null'}`,
    executionName: `${model}-staleness-${id}`,
  };
  const isNew = await staleness.ask(asked, {
    type: 'StalenessAsked',
    actor: submitter.person ?? submitter.principal,
    subject: `staleness/${id}`,
    details: { principal: submitter.principal, versions, days },
  });
  const row = isNew ? asked : await staleness.get(model, id);
  // A start that was lost is made up for: the message goes back to the queue until it was made.
  if (row.status === 'Asked') await stalenessExecutions.start(row.executionName, { model, id });
  return undefined;
}
