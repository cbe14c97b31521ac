import { sha256Hex } from '../../adapters/sha256.ts';

/** SageMaker's longest name of a job or a model. */
const LONGEST = 63;
const DIGEST = 8;

/** Characters of a job's name that are always its own: what comes after may be a digest. */
export const KEPT = LONGEST - DIGEST - 1;

/** A name that is too long ends in a digest of all of it, so that two never become one. */
export const jobName = (name: string): string =>
  name.length <= LONGEST ? name : `${name.slice(0, KEPT)}-${sha256Hex(name).slice(0, DIGEST)}`;
