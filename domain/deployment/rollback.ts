import type { ModelRow, Submitter } from '../model.ts';
import type { ReleaseRow } from '../release.ts';
import type { VersionRow } from '../version.ts';

/** The `ROLLBACK` row: a former champion that is to serve again, who asked for it and why, and what became of it. */
export interface RollbackRow {
  readonly model: string;
  /** 1, 2, 3 … within the model. */
  readonly rollback: number;
  readonly status: 'Requested' | 'RolledBack' | 'Failed';
  /** The version that served when it was asked for. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly requestedBy: Submitter;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  /** The incident it answers: `flight-delays/drift/2026-02-15T00:00:00.000Z`. */
  readonly incident?: string;
  /** The version that served is not to be served again. */
  readonly withdraw?: true;
  readonly executionName: string;
  /** What asked for it, delivered once or many times: one rollback comes of it. `upload/{key}#{versionId}` */
  readonly origin: string;
  /** Written by verify-deployment once exactly the former version serves. */
  readonly proof?: RollbackProof;
  readonly endedAt?: string;
  /** Why it failed. */
  readonly error?: string;
  /** When owner, operators and whoever asked were told of its end. */
  readonly toldAt?: string;
}

export interface RollbackProof {
  readonly endpointName: string;
  readonly endpointConfigName: string;
  readonly provedAt: string;
  readonly smokeRows: number;
}

/** What is asked for: by a person's upload, or from an incident's page. */
export interface RollbackWish {
  /** Absent: the newest version that served before the one that serves. */
  readonly to?: number;
  readonly reason: string;
  readonly by: Submitter;
  readonly incident?: string;
  readonly withdraw?: true;
  readonly origin: string;
}

/** The version to go back to where nobody names one: the newest before the champion that served and was not withdrawn. */
export const formerVersion = ({ champion }: ModelRow, versions: readonly VersionRow[]): VersionRow | undefined =>
  champion &&
  versions.findLast(
    ({ version, status, withdrawn, approval }) =>
      status === 'Retired' && !withdrawn && !approval?.revoked && version < champion.version,
  );

/**
 * Everything that speaks against serving a former version again, one clause each. Only a version that served under its own
 * approval may, so going forward again is a rollback too; what was approved is held against what is there once more before
 * the endpoint is touched.
 *
 * @param active the release that holds the model's lease
 */
export function reasonsAgainstRollback(
  { model, champion, rollingBack }: ModelRow,
  version: VersionRow | undefined,
  active?: Pick<ReleaseRow, 'release' | 'status'>,
): string[] {
  if (!champion) return ['nothing serves, so there is nothing to roll back'];
  if (!version) return [`expected a version of ${model} that served before, got none`];
  const against: string[] = [];
  if (version.version === champion.version) against.push(`version ${version.version} serves already`);
  else if (version.status !== 'Retired')
    against.push(`version ${version.version} never served: it is ${version.status}`);
  if (!version.approval) against.push(`version ${version.version} has no approval of its own`);
  else if (version.approval.revoked) {
    against.push(`the approval of version ${version.version} was taken back: ${version.approval.revoked.reason}`);
  }
  if (version.withdrawn) against.push(`version ${version.version} was withdrawn: ${version.withdrawn.reason}`);
  if (active?.status === 'Deploying') against.push(`release ${active.release} is being deployed`);
  if (rollingBack !== undefined) against.push(`rollback ${rollingBack} is under way`);
  return against;
}

/** As mails and the audit name whoever asked. */
export const requesterOf = ({ principal, person }: Submitter): string => person ?? principal;
