import { createHash } from 'node:crypto';

/** From 0 to below 1, evenly over texts: the chance that a seed, a name and a number stand for. */
export const unitInterval = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;

/** Chances for each key in turn, the same in every run of the local cloud. */
export class Chances {
  readonly #drawn = new Map<string, number>();

  next(key: string): number {
    const drawn = this.#drawn.get(key) ?? 0;
    this.#drawn.set(key, drawn + 1);
    return unitInterval(`${key}/${drawn}`);
  }
}
