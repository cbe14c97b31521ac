import type { SealedDataset, SealedFile } from '../release.ts';

/** The files of a dataset: those listed, or the one that it is. */
export function filesOf({
  object,
  bytes,
  files,
}: Pick<SealedDataset, 'object' | 'bytes' | 'files'>): readonly SealedFile[] {
  return files ?? [{ role: 'train', name: object.key.slice(object.key.lastIndexOf('/') + 1), object, bytes }];
}
