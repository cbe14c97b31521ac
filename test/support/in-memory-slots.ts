import type { SlotJob, SlotStore } from '../../domain/slots/ports.ts';
import { EMPTY_POOL, type SlotChange, type SlotPool } from '../../domain/slots/slot-pool.ts';

/** Pools and their jobs in memory. */
export class InMemorySlotStore implements SlotStore {
  readonly pools = new Map<string, SlotPool>();
  readonly jobs = new Map<string, SlotJob>();

  async find(job: string): Promise<SlotJob | undefined> {
    return this.jobs.get(job);
  }

  async list(): Promise<SlotJob[]> {
    return [...this.jobs.values()];
  }

  async ask(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]> {
    return this.#change(job, decide, () => this.jobs.set(job.job, job));
  }

  async giveBack(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]> {
    return this.#change(job, decide, () => this.jobs.delete(job.job));
  }

  async confirm(job: string): Promise<void> {
    const { sealedToken: _, ...answered } = this.jobs.get(job) ?? {};
    if (this.jobs.has(job)) this.jobs.set(job, answered as SlotJob);
  }

  #change({ use, instanceType, askedAt }: SlotJob, decide: (pool: SlotPool) => SlotChange, own: () => void) {
    const key = `${use}#${instanceType}`;
    const { pool, granted } = decide(this.pools.get(key) ?? EMPTY_POOL);
    this.pools.set(key, pool);
    own();
    for (const job of granted) this.jobs.set(job, { ...this.jobs.get(job)!, grantedAt: askedAt });
    return granted;
  }
}
