import { activeOf, givesWay } from '../../domain/admission.ts';
import type { AdmittedReleases, IntakeQueue } from '../../domain/admitted-releases.ts';
import type { ApprovalStore, DecisionQueue } from '../../domain/approval/ports.ts';
import type { RollbackExecutions, RollbackStore } from '../../domain/deployment/ports.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';
import type { ReleaseExecutions } from '../../domain/release-ports.ts';
import type { SweepIntentsInput, SweepIntentsOutput } from './contract.ts';

export interface SweepIntentsDependencies {
  readonly approvals: ApprovalStore;
  readonly decisions: DecisionQueue;
  readonly admitted: AdmittedReleases;
  readonly lineage: LineageStore;
  readonly executions: ReleaseExecutions;
  readonly rollbacks: RollbackStore;
  readonly rollbackExecutions: RollbackExecutions;
  readonly intake: IntakeQueue;
  readonly now: Now;
}

/** Younger intents are being completed by those who wrote them. */
const GRACE_MS = 10 * 60_000;

/**
 * Completes what a crash left between an intent and its effect: announces decisions whose task was not answered, starts admitted
 * releases and rollbacks that have no execution, and has uploads started that wait for nothing any more. All of it is safe to repeat: a callback is confirmed by condition, and an execution's
 * name is the release's own.
 */
export const sweepIntents =
  (dependencies: SweepIntentsDependencies) =>
  async (_input: SweepIntentsInput): Promise<SweepIntentsOutput> => {
    const before = dependencies.now().getTime() - GRACE_MS;
    return {
      decisionsRequeued: await announceDecisions(dependencies, before),
      releasesStarted: await startReleases(dependencies, before),
      rollbacksStarted: await startRollbacks(dependencies, before),
      waitingAnnounced: await announceWaiting(dependencies, before),
    };
  };

async function announceDecisions({ approvals, decisions }: SweepIntentsDependencies, before: number): Promise<number> {
  const dangling = (await approvals.listCallbacks()).filter(({ decidedAt }) => Date.parse(decidedAt) <= before);
  for (const { requestId } of dangling) await decisions.announce(requestId);
  return dangling.length;
}

async function startReleases(
  { admitted, lineage, executions }: SweepIntentsDependencies,
  before: number,
): Promise<number> {
  let started = 0;
  for (const intent of await admitted.listStartIntents()) {
    const { status, admittedAt, executionName } = await lineage.getRelease(intent.model, intent.release);
    if (status !== 'Admitted') await admitted.clearStartIntent(intent);
    else if (Date.parse(admittedAt) <= before) {
      await executions.start(executionName, intent);
      started += 1;
    }
  }
  return started;
}

/** An upload waits for the end of a release; whoever ended it may have died before starting what waits. */
async function announceWaiting(
  { admitted, lineage, intake }: SweepIntentsDependencies,
  before: number,
): Promise<number> {
  let announced = 0;
  for (const intent of await admitted.listWaitingIntents()) {
    const row = await lineage.getModel(intent.model);
    if (!row.queued && !row.queuedExperiment) await admitted.clearWaitingIntent(intent);
    else if (Date.parse(intent.queuedAt) <= before && givesWay(row, await activeOf(lineage, row))) {
      await intake.announceWaiting(intent.model);
      announced += 1;
    }
  }
  return announced;
}

async function startRollbacks(
  { rollbacks, rollbackExecutions }: SweepIntentsDependencies,
  before: number,
): Promise<number> {
  let started = 0;
  for (const intent of await rollbacks.listIntents()) {
    const { status, requestedAt, executionName } = await rollbacks.get(intent.model, intent.rollback);
    if (status !== 'Requested') await rollbacks.clearIntent(intent);
    else if (Date.parse(requestedAt) <= before) {
      await rollbackExecutions.start(executionName, intent);
      started += 1;
    }
  }
  return started;
}
