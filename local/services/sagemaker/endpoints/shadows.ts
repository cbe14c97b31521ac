import type { Fleet, Variant } from './endpoint.ts';

/** Chooses which requests shadow variants get a copy of: their weight in that of the production variants, evenly spread. */
export class ShadowSampling {
  /** Credit by fleet and variant. */
  readonly #credits = new Map<string, number>();

  choose({ id, variants, shadows = [] }: Fleet): Variant[] {
    const production = variants.reduce((sum, variant) => sum + variant.weight, 0);
    return shadows.filter((shadow) => {
      const key = `${id}/${shadow.name}`;
      const share = production > 0 ? Math.min(1, shadow.weight / production) : 0;
      const credit = (this.#credits.get(key) ?? 0) + share;
      this.#credits.set(key, credit >= 1 ? credit - 1 : credit);
      return credit >= 1;
    });
  }
}
