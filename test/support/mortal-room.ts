import { ApprovalRoom } from './approval-room.ts';

/** An approval whose functions die once, at the store, the queue, the mail or the task that they were at; then they are started again. */
export class MortalRoom extends ApprovalRoom {
  /** How often anything was done. */
  done = 0;
  #isDead = false;
  readonly #diesAfter: number | undefined;

  /** @param diesAfter the so manieth thing that is done: 1, 2, 3 … */
  constructor(diesAfter?: number) {
    super();
    this.#diesAfter = diesAfter;
    const { approvals, delegations, thread, mailer, vault, decisions, tasks, archived, links } = this;
    const parts = { approvals, delegations, thread, mailer, vault, decisions, tasks, archived, links };
    for (const [name, part] of Object.entries(parts)) Object.assign(this, { [name]: this.#mortal(part) });
  }

  /** Does it until it is done, as retries and redeliveries do. */
  async untilDone(act: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      this.#isDead = false;
      try {
        await act();
      } catch (error) {
        if (!this.#isDead) throw error;
      }
      if (!this.#isDead) return;
    }
    throw new Error('expected to die once, died again');
  }

  /** A dead process does nothing more, whatever it would catch. */
  #die(): never {
    this.#isDead = true;
    throw new Error('the process died');
  }

  #mortal<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          if (this.#isDead) this.#die();
          this.done += 1;
          const isLast = this.done === this.#diesAfter;
          const result = member.apply(target, given);
          if (!isLast) return result;
          return result instanceof Promise ? result.then(() => this.#die()) : this.#die();
        };
      },
    });
  }
}
