import { MODEL_NAME } from '../model-definition/patterns.ts';
import type { ReleasePurpose } from '../release.ts';

/** What an uploaded object is for, by its key. */
export type UploadKind =
  | { readonly kind: 'definition' | 'source' | 'artifact' | 'labels'; readonly model: string }
  | { readonly kind: 'request'; readonly model: string }
  /** Starts a release: a file to train on, or the list of a dataset's files. */
  | {
      readonly kind: 'data';
      readonly model: string;
      readonly purpose: ReleasePurpose;
      /** The release that is to be trained again: the object's contents are not read. */
      readonly reproduces?: number;
    }
  /** Waits: for the list that names it, or for the training file that it is the hold-out of. */
  | { readonly kind: 'part' | 'test'; readonly model: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** The lawful keys, as a refusal names them. */
export const LAWFUL_KEYS = [
  'models/{model}/model.yaml',
  'models/{model}/source.tar.gz',
  'models/{model}/model.tar.gz',
  'models/{model}/{data,experiments}/**.{csv,parquet}',
  'models/{model}/{data,experiments}/**/part-*.{csv,parquet} and then _READY',
  'models/{model}/reproductions/{release}/**.json',
  'models/{model}/labels/**.{csv,parquet,jsonl}',
  'models/{model}/requests/**.json',
] as const;

/** Lists the files of its folder that make a dataset; put last. */
export const READY = '_READY';

const SHAPE = /^models\/([^/]+)\/(.+)$/;

/** @param key decoded, as the object is named */
export function classifyUpload(key: string): UploadKind {
  const [, model = '', rest = ''] = SHAPE.exec(key) ?? [];
  if (!MODEL_NAME.test(model))
    return unknown('the name of the model must be 2 to 30 of a-z, 0-9 and "-", a letter first');
  if (rest === 'model.yaml') return { kind: 'definition', model };
  if (rest === 'source.tar.gz') return { kind: 'source', model };
  if (rest === 'model.tar.gz') return { kind: 'artifact', model };
  const [, reproduces] = /^reproductions\/([1-9]\d{0,8})\/.+\.json$/.exec(rest) ?? [];
  if (reproduces) return { kind: 'data', model, purpose: 'experiment', reproduces: Number(reproduces) };
  if (/^requests\/.+\.json$/.test(rest)) return { kind: 'request', model };
  if (/^labels\/(.*[^/])?\.(csv|parquet|jsonl)$/i.test(rest)) return { kind: 'labels', model };
  if (rest.startsWith('labels/'))
    return unknown('outcomes are read as CSV, Parquet or JSON Lines: the key must end in .csv, .parquet or .jsonl');
  const [, folder] = /^(data|experiments)\//.exec(rest) ?? [];
  if (!folder) return unknown('no such key is read');
  const name = nameOf(key);
  if (isPartName(name)) return { kind: 'part', model };
  if (isTestName(name)) return { kind: 'test', model };
  if (name === READY || /.\.(csv|parquet)$/i.test(name))
    return { kind: 'data', model, purpose: folder === 'data' ? 'release' : 'experiment' };
  return unknown('data is read as CSV or Parquet: the key must end in .csv or .parquet');
}

const unknown = (why: string): UploadKind => ({ kind: 'unknown', why });

/** Model that uploads of unreadable keys are filed under. */
const NO_MODEL = 'unknown';

/** The model that an upload's claim stands under, whatever its key. */
export function filedUnder(key: string): string {
  const named = key.split('/')[1] ?? '';
  return MODEL_NAME.test(named) ? named : NO_MODEL;
}

/** The last part of a key. */
export const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** A key's folder, with its slash. */
export const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);

/** One of several files with rows to train on. */
export const isPartName = (name: string): boolean => /^part-.*\.(csv|parquet)$/i.test(name);

/** The user's own hold-out. */
export const isTestName = (name: string): boolean => /^test\.(csv|parquet)$/i.test(name);

/** The name that a training file's hold-out has beside it: `test.csv` beside `train.csv`. */
export const testNameFor = (name: string): string => `test.${/\.parquet$/i.test(name) ? 'parquet' : 'csv'}`;

/** The release that an upload asks to train again, where it asks that. */
export function reproducedBy(key: string): number | undefined {
  const upload = classifyUpload(key);
  return upload.kind === 'data' ? upload.reproduces : undefined;
}
