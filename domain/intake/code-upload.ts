import type { ModelRow, ObjectRef } from '../model.ts';

/** What a model is made of beside its data: the code that trains it, or the model itself where it was trained elsewhere. */
export type CodeUpload = 'source.tar.gz' | 'model.tar.gz';

/** @returns undefined where an image or AWS's own algorithm holds all the code */
export function codeUploadOf(training: ModelRow['training']): CodeUpload | undefined {
  if (training?.isBrought) return 'model.tar.gz';
  return training?.framework === undefined ? undefined : 'source.tar.gz';
}

/** The upload of that name which the next release uses. */
export const codeOf = (row: ModelRow): ObjectRef | undefined =>
  ({ 'source.tar.gz': row.source, 'model.tar.gz': row.artifact, none: undefined })[
    codeUploadOf(row.training) ?? 'none'
  ];
