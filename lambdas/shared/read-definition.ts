import { sha256Hex } from '../../adapters/sha256.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';

const MAX_BYTES = 64 * 1024;

export type DefinitionReader = (object: ObjectRef) => Promise<ModelDefinition>;

/** The write-once copy of a definition, as it was written. */
export const definitionTextReader = (objects: ObjectStore) => textOf(objects);

/** @throws {RangeError} other bytes than the row recorded: what is shown and deployed is what the digest is of */
const textOf =
  (objects: ObjectStore) =>
  async (object: ObjectRef): Promise<string> => {
    const text = await objects.readText(object, MAX_BYTES);
    const sha256 = sha256Hex(text);
    if (object.sha256 !== undefined && sha256 !== object.sha256) {
      throw new RangeError(`expected a definition with sha256 ${object.sha256}, got ${sha256}`);
    }
    return text;
  };

/** Reads the write-once copy of a definition, with what its tier adds now; without `config`, as it was written. */
export const definitionReader =
  (objects: ObjectStore, config?: DeployedConfig): DefinitionReader =>
  async (object) =>
    readModelDefinition(await textOf(objects)(object), config);
