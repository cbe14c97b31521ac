import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { readSealedFiles } from '../../adapters/sealed-files.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Connection } from '../connection.ts';
import type { LocalFile } from '../dataset-files.ts';
import { UsageError } from '../output.ts';

/** What a release was made from, as it was sealed. */
export interface ReleaseInputs {
  readonly definition: ModelDefinition;
  readonly files: readonly LocalFile[];
  /** Archive of the code; absent for a model that brings its own image. */
  readonly source?: Uint8Array;
}

/**
 * Downloads the sealed inputs of a release.
 *
 * @param folder gets the dataset's files
 * @throws {NotFoundError} no such release; {UsageError} its data were refused before they were sealed
 */
export async function fetchRelease(
  connection: Connection,
  model: string,
  release: number,
  folder: string,
  config: DeployedConfig,
): Promise<ReleaseInputs> {
  const { steps, inputs } = await connection.lineage.getRelease(model, release);
  if (!steps.dataset)
    throw new UsageError(
      `expected a release with sealed data, got ${model}/${release}, which ended before; try it with --data`,
    );
  const objects = new S3ObjectStore(connection.account, connection.s3);
  const definition = readModelDefinition(await objects.readText(inputs.definition), config);
  await mkdir(folder, { recursive: true });
  const files: LocalFile[] = [];
  for (const { role, name, object } of await readSealedFiles(objects, steps.dataset)) {
    const path = join(folder, name);
    await writeFile(path, await objects.read(object));
    files.push({ role, name, path });
  }
  const { source } = steps.dataset;
  return { definition, files, ...(source && { source: await objects.readBytes(source) }) };
}
