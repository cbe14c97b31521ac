import { sha256Hex } from '../../adapters/sha256.ts';

/** SageMaker's longest name of a job or a model. */
const LONGEST = 63;
const DIGEST = 8;

/** Characters of a job's name that are always its own: what comes after may be a digest. */
export const KEPT = LONGEST - DIGEST - 1;

/**
 * A search has 32 characters, a deployment's prefix up to 20 of them: the rest is a digest of the whole name. Its training jobs'
 * names begin with its own.
 */
export const tuningJobName = (prefix: string, name: string): string => `${prefix}-${sha256Hex(name).slice(0, 11)}`;

/** A name that is too long ends in a digest of all of it, so that two never become one. */
export const jobName = (name: string): string =>
  name.length <= LONGEST ? name : `${name.slice(0, KEPT)}-${sha256Hex(name).slice(0, DIGEST)}`;
