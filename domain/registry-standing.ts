import type { RegistryChange } from './model-registry.ts';
import type { ReleaseRow } from './release.ts';
import type { VersionRow } from './version.ts';

/** What a release's end means for its version in the registry; an experiment that passed stays pending. */
export function standingOfEnd({ status, outcome }: Pick<ReleaseRow, 'status' | 'outcome'>): RegistryChange | undefined {
  const why = `${status}: ${outcome?.message ?? ''}`;
  switch (status) {
    case 'Refused':
      return { status: 'Rejected', stage: { stage: 'Validation', status }, why };
    case 'Rejected':
    case 'Expired':
    case 'Superseded':
    case 'Withdrawn':
      return { status: 'Rejected', stage: { stage: 'Approval', status }, why };
    case 'Failed':
      return { status: 'Rejected', stage: { stage: 'Production', status }, why };
    default:
      return undefined;
  }
}

/**
 * Where a version stands that serves or has served. `Approved` is what may serve by the registry's own words, so that whoever takes
 * the newest approved package takes what serves: the champion and those before it. One that was rolled back from is newer, and is not.
 *
 * @param champion the version that serves
 */
export function standingOfVersion(
  { version, status, approval }: Pick<VersionRow, 'version' | 'status' | 'approval'>,
  champion: number,
): RegistryChange | undefined {
  if (version === champion) {
    return {
      status: 'Approved',
      stage: { stage: 'Production', status: 'Serving' },
      why: `Version ${version} serves.`,
      ...(approval && { metadata: { approvalRequest: approval.requestId, approvalDigest: approval.digest } }),
    };
  }
  if (status !== 'Retired') return undefined;
  return version > champion
    ? {
        status: 'Rejected',
        stage: { stage: 'Production', status: 'RolledBack' },
        why: `It was rolled back from: version ${champion} serves again.`,
      }
    : {
        status: 'Approved',
        stage: { stage: 'Production', status: 'Retired' },
        why: `It served under its approval and may be restored; version ${champion} serves.`,
      };
}
