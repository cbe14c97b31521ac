import type { RollbackStore } from '../../domain/deployment/ports.ts';
import { reasonsAgainstRollback } from '../../domain/deployment/rollback.ts';
import { RollbackRefusedError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { AuthorizeRollbackInput, AuthorizeRollbackOutput } from './contract.ts';

export interface AuthorizeRollbackDependencies {
  readonly lineage: LineageStore;
  readonly rollbacks: RollbackStore;
}

/**
 * Lets a rollback that somebody asked for go on: of the input only the row's name counts, and what spoke against it when it was
 * asked for is asked again. The version's approval and its bytes are looked at by `authorize-deployment`, as of any version.
 *
 * @throws {RollbackRefusedError} nobody asked for it, it has ended, or something speaks against it by now
 */
export const authorizeRollback =
  ({ lineage, rollbacks }: AuthorizeRollbackDependencies) =>
  async ({ model: name, rollback: number }: AuthorizeRollbackInput): Promise<AuthorizeRollbackOutput> => {
    const { status, from, to } = await rollbacks.get(name, number);
    const { rollingBack, ...model } = await lineage.getModel(name);
    if (status !== 'Requested' || rollingBack !== number) {
      throw new RollbackRefusedError(
        `expected rollback ${name}/${number} under way, got it ${status} and ${rollingBack ?? 'none'} under way`,
      );
    }
    const version = await lineage.getVersion(name, to);
    // An attempt that died after the switch made it the champion: the rest is to be completed.
    const against = model.champion?.version === to ? [] : reasonsAgainstRollback(model, version);
    if (against.length > 0) throw new RollbackRefusedError(against.join('; '), { model: name, rollback: number, to });
    return { version: to, release: version.release, from };
  };
