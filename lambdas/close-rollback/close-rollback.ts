import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { RollbackStore } from '../../domain/deployment/ports.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import { rollbackMail } from '../../domain/deployment/rollback-mail.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelRegistry } from '../../domain/model-registry.ts';
import { unwrapError } from '../../domain/outcome/unwrap-error.ts';
import type { LineageStore, Mailer, Now } from '../../domain/ports.ts';
import { mirrorRegistry } from '../shared/mirror-registry.ts';
import type { CloseRollbackInput, CloseRollbackOutput } from './contract.ts';

export interface CloseRollbackDependencies {
  readonly lineage: LineageStore;
  readonly rollbacks: RollbackStore;
  readonly registry: Pick<ModelRegistry, 'setStatus'>;
  readonly mailer: Mailer;
  readonly config: Pick<DeployedConfig, 'people' | 'mail'>;
  readonly now: Now;
}

/**
 * Ends a rollback: records what serves by now, gives the lease back, and tells people. What serves is what the table says, not
 * what the workflow thinks: an answer may be lost after the switch. Repeating it changes nothing, and nobody is told twice.
 */
export const closeRollback =
  (dependencies: CloseRollbackDependencies) =>
  async (input: CloseRollbackInput): Promise<CloseRollbackOutput> => {
    const { lineage, rollbacks, now } = dependencies;
    const row = await rollbacks.get(input.model, input.rollback);
    const model = await lineage.getModel(input.model);
    const ended = row.status === 'Requested' ? endOf(row, model, input) : { status: row.status };
    const closed = await rollbacks.end(
      row,
      { ...ended, endedAt: now().toISOString() },
      {
        type: ended.status === 'RolledBack' ? 'ModelRolledBack' : 'RollbackFailed',
        actor: 'launchway:close-rollback',
        subject: `rollback/${row.rollback}`,
        details: { from: row.from, to: row.to, reason: row.reason, serving: model.champion?.version, ...ended },
      },
    );
    if (closed.toldAt === undefined) await tell(dependencies, closed, model);
    await mirrorRegistry(dependencies, input.model);
    return { status: ended.status, ...(model.champion && { serving: model.champion.version }) };
  };

type Ended = { readonly status: 'RolledBack' | 'Failed'; readonly error?: string };

function endOf({ to, proof }: RollbackRow, { champion }: ModelRow, input: CloseRollbackInput): Ended {
  if (champion?.version === to && proof) return { status: 'RolledBack' };
  const failures = [input.error, input.restoreError].flatMap((one) => (one ? [inWords(one)] : []));
  const [error = 'the workflow ended before the version was switched to', restoreError] = failures;
  return {
    status: 'Failed',
    error: restoreError === undefined ? error : `${error}; and what served could not be restored: ${restoreError}`,
  };
}

const inWords = (failure: NonNullable<CloseRollbackInput['error']>): string => {
  const { name, message } = unwrapError(failure);
  return `${name}: ${message}`;
};

async function tell(
  { rollbacks, mailer, config, now }: CloseRollbackDependencies,
  row: RollbackRow,
  model: ModelRow,
): Promise<void> {
  const person = row.requestedBy.person === undefined ? undefined : config.people[row.requestedBy.person];
  const to = [...new Set([model.owner, config.mail.operators, ...(person ? [person.email] : [])])];
  await mailer.send(rollbackMail(row, model, to));
  await rollbacks.markTold(row.model, row.rollback, now().toISOString());
}
