import { Chances } from '../unit-interval.ts';
import type { Endpoint, Fleet, Variant } from './endpoint.ts';

/** Chooses which requests shadow variants get a copy of: their weight in that of the production variants, by chance. */
export class ShadowSampling {
  readonly #chances = new Chances();

  choose({ name }: Endpoint, { variants, shadows = [] }: Fleet): Variant[] {
    const production = variants.reduce((sum, variant) => sum + variant.weight, 0);
    return shadows.filter((shadow) => this.#chances.next(`${name}/${shadow.name}`) * production < shadow.weight);
  }
}
