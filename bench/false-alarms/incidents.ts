/** What a model definition has where it says nothing. */
export const PERSISTENCE = { windows: 2, of: 3 };

/** Days of a shift: quiet ones first, so that what is usual is known and no rule of a beginning holds. */
export const QUIET_BEFORE = 35;
/** Windows within which a fault is to be found. */
export const WITHIN = 3;

/** Incidents of one detector of one model; one is one until it is over. */
export class Incidents {
  opened = 0;
  #isOpen = false;

  /** @returns whether people are told now */
  take({ found, over }: { readonly found: boolean; readonly over: boolean }): boolean {
    const told = found && !this.#isOpen;
    this.#isOpen = found || (this.#isOpen && !over);
    this.opened += Number(told);
    return told;
  }
}
