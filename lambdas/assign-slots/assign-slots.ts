import type { TaskCallback, TokenVault } from '../../domain/approval/ports.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { Now } from '../../domain/ports.ts';
import type { SlotJob, SlotStore } from '../../domain/slots/ports.ts';
import { askForSlot, giveBackSlot, type SlotKey } from '../../domain/slots/slot-pool.ts';
import type { AssignSlotsInput, AssignSlotsOutput } from './contract.ts';

export interface AssignSlotsDependencies {
  readonly slots: SlotStore;
  readonly vault: TokenVault;
  readonly task: TaskCallback;
  readonly config: Pick<DeployedConfig, 'quotas'>;
  readonly now: Now;
}

/**
 * Gives the account's instances out, one after the other: a workflow asks and waits, a job's end frees what it held, and whoever is
 * next goes on.
 *
 * @throws {RangeError} a job asks for more than the quota
 */
export const assignSlots =
  (dependencies: AssignSlotsDependencies) =>
  async (input: AssignSlotsInput): Promise<AssignSlotsOutput> => {
    if ('token' in input) {
      const granted = await ask(dependencies, input);
      await answerAll(dependencies, granted);
      return { granted };
    }
    const granted: string[] = [];
    for (const job of input.giveBack) granted.push(...(await giveBack(dependencies, job)));
    await answerAll(dependencies, [...granted, ...input.answer]);
    return { granted };
  };

/** A quota that was taken out of the configuration limits nothing any more. */
const quotaOf = ({ config }: AssignSlotsDependencies, { use, instanceType }: SlotKey): number =>
  config.quotas?.[instanceType]?.[use] ?? Number.POSITIVE_INFINITY;

async function ask(
  dependencies: AssignSlotsDependencies,
  { model, release, job, slot, execution, token }: Extract<AssignSlotsInput, { token: string }>,
): Promise<readonly string[]> {
  const { slots, vault, now } = dependencies;
  const asking: SlotJob = {
    job,
    ...slot,
    model,
    release,
    execution,
    askedAt: now().toISOString(),
    sealedToken: await vault.seal(job, token),
  };
  const claim = { job, team: slot.team, count: slot.count };
  return slots.ask(asking, (pool) => askForSlot(pool, claim, quotaOf(dependencies, slot)));
}

async function giveBack(dependencies: AssignSlotsDependencies, name: string): Promise<readonly string[]> {
  const job = await dependencies.slots.find(name);
  // Most jobs that end never asked: their type has no quota here, or a search did for them.
  if (!job) return [];
  return dependencies.slots.giveBack(job, (pool) => giveBackSlot(pool, name, quotaOf(dependencies, job)));
}

/** Tells those who may begin. One that cannot be told does not hold up the others; the sweep tells it. */
async function answerAll(dependencies: AssignSlotsDependencies, jobs: readonly string[]): Promise<void> {
  const answers = await Promise.allSettled(jobs.map((job) => answer(dependencies, job)));
  const failed = answers.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function answer({ slots, vault, task }: AssignSlotsDependencies, name: string): Promise<void> {
  const job = await slots.find(name);
  if (job?.sealedToken === undefined || job.grantedAt === undefined) return;
  // Where nobody waits any more, an earlier answer arrived, or the workflow ended: the sweep knows which.
  await task.succeed(await vault.open(name, job.sealedToken), {});
  await slots.confirm(name);
}
