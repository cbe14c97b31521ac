import { ReleaseSupersededError, RollbackRunsError } from '../errors.ts';
import type { ModelRow } from '../model.ts';
import { isEnd, type ReleaseRow } from '../release.ts';

/**
 * Checks that a release may be deployed and so be given the model's lease.
 *
 * A release that waits for people can lose the lease to a newer one. Approved after that, it is deployed only where no newer
 * release runs and none has been asked about: never old over new, never two at once. Experiments deploy nothing and stand in
 * nobody's way.
 *
 * @param holder the release that has the model's lease
 * @throws {ReleaseSupersededError} a newer release stands in its way
 * @throws {RollbackRunsError} a former version is being put back: to be tried again
 */
export function checkMayDeploy(model: ModelRow, release: number, holder?: ReleaseRow): void {
  if (model.rollingBack !== undefined) {
    throw new RollbackRunsError(`expected no rollback of ${model.model} under way, got rollback ${model.rollingBack}`);
  }
  const newer = newerThan(model, release, holder);
  if (newer === undefined) return;
  throw new ReleaseSupersededError(
    `release ${newer} of ${model.model} took the place of release ${release} before it was deployed`,
    { newer },
  );
}

function newerThan(model: ModelRow, release: number, holder?: ReleaseRow): number | undefined {
  if (model.newestAsked !== undefined && model.newestAsked > release) return model.newestAsked;
  if (!holder || holder.release === release || holder.purpose === 'experiment' || isEnd(holder.status))
    return undefined;
  return holder.release;
}
