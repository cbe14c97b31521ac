import { z } from 'zod';
import { nameOf } from '../domain/intake/upload-key.ts';
import type { ObjectRef } from '../domain/model.ts';
import type { ObjectStore } from '../domain/ports.ts';
import type { SealedDataset, SealedFile } from '../domain/step-results.ts';

const Role = z.enum(['train', 'test']);

/** As the admission of an upload pinned them. */
export const PinnedFiles = z.object({
  schema: z.literal('launchway/pinned-files/v1'),
  files: z.array(
    z.object({
      role: Role,
      name: z.string(),
      object: z.object({ bucket: z.string(), key: z.string(), versionId: z.string().optional() }),
      bytes: z.number(),
      sha256: z.string().optional(),
    }),
  ),
});

/** `dataset.json`: what makes a dataset of several files. Its digest depends on roles, names, order and contents, on nothing else. */
export const SealedFiles = z.object({
  schema: z.literal('launchway/dataset/v1'),
  files: z.array(z.object({ role: Role, name: z.string(), sha256: z.string(), bytes: z.number() })),
});
export type SealedFiles = z.infer<typeof SealedFiles>;

/** Where a file of a dataset lies: beside the list of them. */
export const fileBeside = ({ bucket, key }: ObjectRef, name: string): ObjectRef => ({
  bucket,
  key: `${key.slice(0, key.lastIndexOf('/'))}/files/${name}`,
});

/** The files of a sealed dataset in the order of their rows: those that its list names, or the one that it is. */
export async function readSealedFiles(
  objects: ObjectStore,
  { object, bytes, files }: SealedDataset,
): Promise<readonly SealedFile[]> {
  if (files === undefined) return [{ role: 'train', name: nameOf(object.key), object, bytes }];
  const listed = SealedFiles.parse(JSON.parse(await objects.readText(object)));
  return listed.files.map(({ sha256, ...file }) => ({
    ...file,
    object: { ...fileBeside(object, file.name), sha256 },
  }));
}
