import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';

const MAX_BYTES = 64 * 1024;

export type DefinitionReader = (object: ObjectRef) => Promise<ModelDefinition>;

/** The write-once copy of a definition, as it was written. */
export const definitionTextReader =
  (objects: ObjectStore) =>
  (object: ObjectRef): Promise<string> =>
    objects.readText(object, MAX_BYTES);

/** Reads the write-once copy of a definition, with what its tier adds now; without `config`, as it was written. */
export const definitionReader =
  (objects: ObjectStore, config?: DeployedConfig): DefinitionReader =>
  async (object) =>
    readModelDefinition(await objects.readText(object, MAX_BYTES), config);
