import type { Approver } from '../../domain/approval/approval-request.ts';
import {
  type ExcludedPerson,
  eligibleApprovers,
  lastEditor,
  type Seat,
  seatsFor,
} from '../../domain/approval/seats.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { AuditTrail } from '../../domain/deployment/ports.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { ReleaseRow, VersionRow } from '../../domain/release.ts';
import type { DefinitionReader } from './read-definition.ts';

export interface AskedPeopleDependencies {
  readonly lineage: LineageStore;
  readonly audit: Pick<AuditTrail, 'list'>;
  /** With what the tier adds. */
  readonly readDefinition: DefinitionReader;
  readonly config: DeployedConfig;
}

/** What is asked about, and of whom. */
export interface AskedPeople {
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
  readonly seats: readonly Seat[];
  readonly approvers: readonly Approver[];
  readonly excluded: readonly ExcludedPerson[];
}

/** Who may fill the seats of a release's candidate, by four eyes. */
export async function askedPeople(
  { lineage, audit, readDefinition, config }: AskedPeopleDependencies,
  release: ReleaseRow,
): Promise<AskedPeople> {
  if (release.version === undefined) {
    throw new RangeError(`expected release ${release.model}/${release.release} to have a version, got none`);
  }
  const version = await lineage.getVersion(release.model, release.version);
  const definition = await readDefinition(version.definition);
  const seats = seatsFor(config, definition.tier, definition.approval.require);
  const editor = lastEditor(await audit.list(release.model), version.definition.sha256);
  const involved = editor ? [release.submitter, editor] : [release.submitter];
  return { version, definition, seats, ...eligibleApprovers(config, seats, release.team, involved) };
}
