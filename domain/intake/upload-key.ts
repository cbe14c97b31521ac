import { MODEL_NAME } from '../model-definition/patterns.ts';
import type { ReleasePurpose } from '../release.ts';

/** What an uploaded object is for, by its key. */
export type UploadKind =
  | { readonly kind: 'definition' | 'source'; readonly model: string }
  | { readonly kind: 'request'; readonly model: string }
  | { readonly kind: 'data'; readonly model: string; readonly purpose: ReleasePurpose }
  | { readonly kind: 'unknown'; readonly why: string };

/** The lawful keys, as a refusal names them. */
export const LAWFUL_KEYS = [
  'models/{model}/model.yaml',
  'models/{model}/source.tar.gz',
  'models/{model}/data/**.csv',
  'models/{model}/data/**.parquet',
  'models/{model}/experiments/**.csv',
  'models/{model}/experiments/**.parquet',
  'models/{model}/requests/**.json',
] as const;

const SHAPE = /^models\/([^/]+)\/(.+)$/;

/** @param key decoded, as the object is named */
export function classifyUpload(key: string): UploadKind {
  const [, model = '', rest = ''] = SHAPE.exec(key) ?? [];
  if (!MODEL_NAME.test(model))
    return unknown('the name of the model must be 2 to 30 of a-z, 0-9 and "-", a letter first');
  if (rest === 'model.yaml') return { kind: 'definition', model };
  if (rest === 'source.tar.gz') return { kind: 'source', model };
  if (/^requests\/.+\.json$/.test(rest)) return { kind: 'request', model };
  const [, folder] = /^(data|experiments)\//.exec(rest) ?? [];
  if (folder && /[^/]\.(csv|parquet)$/i.test(rest))
    return { kind: 'data', model, purpose: folder === 'data' ? 'release' : 'experiment' };
  if (folder) return unknown('data is read as CSV or Parquet: the key must end in .csv or .parquet');
  return unknown('no such key is read');
}

const unknown = (why: string): UploadKind => ({ kind: 'unknown', why });
