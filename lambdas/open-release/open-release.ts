import { UnlawfulTransitionError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { OpenReleaseInput, OpenReleaseOutput } from './contract.ts';

export interface OpenReleaseDependencies {
  readonly lineage: LineageStore;
}

/**
 * Begins the work on an admitted release.
 *
 * @throws {UnlawfulTransitionError} the release has ended, or belongs to another execution
 */
export const openRelease =
  ({ lineage }: OpenReleaseDependencies) =>
  async ({ model, release, executionName }: OpenReleaseInput): Promise<OpenReleaseOutput> => {
    const row = await lineage.getRelease(model, release);
    if (row.executionName !== executionName) {
      throw new UnlawfulTransitionError(
        `expected execution ${row.executionName} of release ${model}/${release}, got ${executionName}`,
      );
    }
    await lineage.moveRelease(
      model,
      release,
      'Preparing',
      {},
      {
        type: 'ReleaseOpened',
        actor: 'launchway:open-release',
        subject: `release/${release}`,
        details: { executionName },
      },
    );
    return { team: row.team, experiment: row.purpose === 'experiment', isBrought: row.inputs.artifact !== undefined };
  };
