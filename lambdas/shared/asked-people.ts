import type { Approver } from '../../domain/approval/approval-request.ts';
import { type Delegation, moveSeats } from '../../domain/approval/delegation.ts';
import type { DelegationStore } from '../../domain/approval/ports.ts';
import {
  type ExcludedPerson,
  eligibleApprovers,
  exclusion,
  lastEditor,
  type Seat,
  seatsFor,
  whoBrought,
} from '../../domain/approval/seats.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { AuditTrail } from '../../domain/deployment/ports.ts';
import type { Submitter } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from './read-definition.ts';

export interface AskedPeopleDependencies {
  readonly lineage: LineageStore;
  readonly audit: Pick<AuditTrail, 'list'>;
  readonly delegations: Pick<DelegationStore, 'list'>;
  /** With what the tier adds. */
  readonly readDefinition: DefinitionReader;
  readonly config: DeployedConfig;
  readonly now: Now;
}

/** What is asked about, and of whom. */
export interface AskedPeople {
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
  readonly seats: readonly Seat[];
  readonly approvers: readonly Approver[];
  readonly excluded: readonly ExcludedPerson[];
  /** Delegations by which seats are another's. */
  readonly moved: readonly Delegation[];
}

/** Who may fill the seats of a release's candidate: by four eyes, with those who stand in for people who are away. */
export async function askedPeople(dependencies: AskedPeopleDependencies, release: ReleaseRow): Promise<AskedPeople> {
  if (release.version === undefined) {
    throw new RangeError(`expected release ${release.model}/${release.release} to have a version, got none`);
  }
  const { lineage, readDefinition, config, now } = dependencies;
  const version = await lineage.getVersion(release.model, release.version);
  const definition = await readDefinition(version.definition);
  const seats = seatsFor(config, definition.tier, definition.approval.require);
  const involved = await involvedIn(dependencies, release.submitter, version);
  const { approvers, excluded } = eligibleApprovers(config, seats, release.team, involved);
  const asked = { seats, approvers, voted: new Set<string>(), whyExcluded: exclusion(config, release.team, involved) };
  return {
    version,
    definition,
    seats,
    excluded,
    ...moveSeats(config, await allDelegations(dependencies), asked, now()),
  };
}

/**
 * The release's submitter, the last editor of its definition, and who submitted what the training was made for, or brought the
 * model that was trained elsewhere: putting somebody's release forward again does not make it anybody else's.
 */
export async function involvedIn(
  { audit, lineage }: Pick<AskedPeopleDependencies, 'audit' | 'lineage'>,
  submitter: Submitter,
  { model, release, definition, training }: VersionRow,
): Promise<Submitter[]> {
  const chain = await audit.list(model);
  const editor = lastEditor(chain, definition.sha256);
  const reusedFrom = training?.reusedFrom;
  const trainedFor = reusedFrom === undefined ? undefined : await lineage.getRelease(model, reusedFrom);
  const artifact = training ? undefined : (await lineage.getRelease(model, release)).inputs.artifact;
  const bringer = artifact?.versionId === undefined ? undefined : whoBrought(chain, artifact.versionId);
  return [submitter, editor, trainedFor?.submitter, bringer].filter((one) => one !== undefined);
}

/** Those of the deployed configuration, and those that people made themselves. */
export const allDelegations = async ({
  config,
  delegations,
}: Pick<AskedPeopleDependencies, 'config' | 'delegations'>): Promise<readonly Delegation[]> => [
  ...(config.delegations ?? []),
  ...(await delegations.list()),
];
