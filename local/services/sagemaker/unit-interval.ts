import { createHash } from 'node:crypto';

/** From 0 to below 1, evenly over texts: the chance that a seed, a name and a number stand for. */
export const unitInterval = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
