import type { Now } from '../../domain/ports.ts';
import type { JobLookup, SlotAssigner, SlotJob, SlotStore, WorkflowLookup } from '../../domain/slots/ports.ts';
import type { SweepSlotsInput, SweepSlotsOutput } from './contract.ts';

export interface SweepSlotsDependencies {
  readonly slots: Pick<SlotStore, 'list'>;
  readonly jobs: JobLookup;
  readonly workflows: WorkflowLookup;
  readonly assigner: SlotAssigner;
  readonly now: Now;
}

/** What is younger is being completed by whoever began it. */
const GRACE_MS = 10 * 60_000;

/**
 * Finds instances whose job has ended without its event arriving, places of workflows that are gone, and workflows that were never
 * told of what they were given.
 */
export const sweepSlots =
  (dependencies: SweepSlotsDependencies) =>
  async (_input: SweepSlotsInput): Promise<SweepSlotsOutput> => {
    const { slots, assigner, now } = dependencies;
    const before = now().getTime() - GRACE_MS;
    const settled = (await slots.list()).filter(({ askedAt, grantedAt }) => Date.parse(grantedAt ?? askedAt) <= before);
    const givenBack: string[] = [];
    const answered: string[] = [];
    for (const job of settled) {
      if (await isOver(dependencies, job)) givenBack.push(job.job);
      else if (job.grantedAt !== undefined && job.sealedToken !== undefined) answered.push(job.job);
    }
    if (givenBack.length + answered.length > 0) await assigner.settle({ giveBack: givenBack, answer: answered });
    return { givenBack, answered };
  };

/** A job that was never made holds its instances for as long as its workflow may still make it. */
async function isOver({ jobs, workflows }: SweepSlotsDependencies, job: SlotJob): Promise<boolean> {
  const found = job.grantedAt === undefined ? 'missing' : await jobs.look(job);
  if (found !== 'missing') return found === 'ended';
  return !(await workflows.isRunning(job.execution));
}
