import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { moveSeats } from '../../domain/approval/delegation.ts';
import type { DelegationStore } from '../../domain/approval/ports.ts';
import { exclusion } from '../../domain/approval/seats.ts';
import { type AskedPeopleDependencies, allDelegations, involvedIn } from '../shared/asked-people.ts';

export interface StandInsDependencies extends Omit<AskedPeopleDependencies, 'delegations'> {
  readonly delegations: DelegationStore;
}

/** What moved, and who was asked by it. */
export interface MovedRequest {
  readonly request: ApprovalRequest;
  /** Person ids. */
  readonly asked: readonly string[];
}

/** Gives the seats of those who are away by now to those who stand in for them. */
export async function askStandIns(
  dependencies: StandInsDependencies,
  request: ApprovalRequest,
  voted: ReadonlySet<string>,
): Promise<MovedRequest> {
  const { config, delegations, lineage, now } = dependencies;
  const known = await allDelegations(dependencies);
  const nothing = { request, asked: [] };
  if (!request.approvers.some(({ person }) => known.some((one) => one.person === person))) return nothing;
  const version = await lineage.getVersion(request.model, request.version);
  const involved = await involvedIn(dependencies, request.submitter, version);
  const whyExcluded = exclusion(config, version.team, involved);
  const { approvers, moved } = moveSeats(config, known, { ...request, voted, whyExcluded }, now());
  if (moved.length === 0) return nothing;
  const done = await delegations.moveSeats(request, approvers, {
    type: 'SeatsMoved',
    actor: 'launchway:remind-approvers',
    subject: `approval/${request.requestId}`,
    details: { release: request.release, delegated: moved },
  });
  // Somebody was first: the next event looks again.
  if (!done) return nothing;
  return {
    request: { ...request, approvers, revision: request.revision + 1 },
    asked: moved.map(({ to }) => to).filter((to) => !voted.has(to)),
  };
}
