import type { ReleaseLedger } from '../../domain/admission.ts';
import { type CodeUpload, codeUploadOf } from '../../domain/intake/code-upload.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';

export interface UnreadInputsDependencies {
  readonly ledger: ReleaseLedger;
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly buckets: { readonly intake: string };
}

/** What a model's releases are made with, beside their data. */
export type InputName = 'model.yaml' | CodeUpload;

/** Whether an input is in the bucket, and whether its newest version has been processed. */
export async function lookAtInput(
  { ledger, objects, buckets }: UnreadInputsDependencies,
  model: string,
  name: InputName,
): Promise<'absent' | 'read' | 'unread'> {
  const key = `models/${model}/${name}`;
  const head = await objects.head({ bucket: buckets.intake, key });
  if (!head) return 'absent';
  return (await ledger.findClaim(model, key, head.versionId ?? 'null')) ? 'read' : 'unread';
}

/** Data is trained with what was uploaded with it, in whatever order both are announced: newer inputs are awaited. */
export async function hasUnreadInputs(
  dependencies: UnreadInputsDependencies,
  { model, training }: ModelRow,
): Promise<boolean> {
  const code = codeUploadOf(training);
  const names: InputName[] = ['model.yaml', ...(code === undefined ? [] : [code])];
  for (const name of names) if ((await lookAtInput(dependencies, model, name)) === 'unread') return true;
  return false;
}
