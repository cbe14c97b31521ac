import { activeOf } from '../../domain/admission.ts';
import type { RollbackExecutions, RollbackStore } from '../../domain/deployment/ports.ts';
import {
  formerVersion,
  type RollbackRow,
  type RollbackWish,
  reasonsAgainstRollback,
  requesterOf,
} from '../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';

export interface RequestRollbackDependencies {
  readonly lineage: LineageStore;
  readonly rollbacks: RollbackStore;
  readonly executions: RollbackExecutions;
  readonly now: Now;
}

export type RequestedRollback =
  | { readonly kind: 'requested'; readonly rollback: RollbackRow }
  | { readonly kind: 'refused'; readonly why: string };

const ATTEMPTS = 5;

/**
 * Has a former version served again: judges the wish, writes the row with the lease that keeps deployments off, and starts the
 * workflow. Whoever dies between row and start leaves an intent that the sweep completes.
 */
export async function requestRollback(
  dependencies: RequestRollbackDependencies,
  name: string,
  wish: RollbackWish,
): Promise<RequestedRollback> {
  const { lineage, rollbacks } = dependencies;
  const before = (await rollbacks.list(name)).find(({ origin }) => origin === wish.origin);
  if (before) {
    if (before.status === 'Requested') await start(dependencies, before);
    return { kind: 'requested', rollback: before };
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const model = await lineage.getModel(name);
    const versions = await lineage.listVersions(name);
    const version =
      wish.to === undefined ? formerVersion(model, versions) : versions.find((one) => one.version === wish.to);
    const against = reasonsAgainstRollback(model, version, await activeOf(lineage, model));
    if (against.length > 0 || !version) return { kind: 'refused', why: against.join('; ') };
    const row = rowOf(dependencies, model, version.version, wish);
    if (await rollbacks.request(row, model, eventOf(row))) {
      await start(dependencies, row);
      return { kind: 'requested', rollback: row };
    }
  }
  throw new Error(`expected to request a rollback of ${name} within ${ATTEMPTS} attempts, got a change each time`);
}

const start = ({ executions }: RequestRollbackDependencies, { model, rollback, executionName }: RollbackRow) =>
  executions.start(executionName, { model, rollback });

function rowOf(
  { now }: RequestRollbackDependencies,
  { model, rollbacks = 0, champion }: ModelRow,
  to: number,
  { reason, by, incident, withdraw, origin }: RollbackWish,
): RollbackRow {
  const rollback = rollbacks + 1;
  return {
    ...{ model, rollback, status: 'Requested', from: champion!.version, to, reason, requestedBy: by },
    requestedAt: now().toISOString(),
    origin,
    ...(incident !== undefined && { incident }),
    ...(withdraw && { withdraw }),
    // Unique for ever: the number is the model's own, and names of executions are never used again.
    executionName: `${model}-rollback-${rollback}`,
  };
}

const eventOf = ({ rollback, from, to, reason, requestedBy, incident, withdraw }: RollbackRow) => ({
  type: 'RollbackRequested',
  actor: requesterOf(requestedBy),
  subject: `rollback/${rollback}`,
  details: {
    ...{ from, to, reason, principal: requestedBy.principal },
    ...(incident !== undefined && { incident }),
    ...(withdraw && { withdraw }),
  },
});
