import { sha256Hex } from '../../adapters/sha256.ts';
import type { ObjectRef } from '../../domain/model.ts';

/** One per version of an object, however often it is announced. */
export const refusalId = ({ bucket, key, versionId = 'null' }: ObjectRef): string =>
  sha256Hex(JSON.stringify([bucket, key, versionId])).slice(0, 32);
