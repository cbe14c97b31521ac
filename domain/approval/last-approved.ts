import type { AuditEntry } from '../audit.ts';
import type { VersionRow } from '../version.ts';

/** The version of a model that a person approved last, other than the one that is asked about; by the model's chain. */
export function lastApprovedBy(
  chain: readonly AuditEntry[],
  person: string,
  asked: number,
): { readonly version: number; readonly at: string } | undefined {
  const vote = chain.findLast(
    ({ type, actor, details }) =>
      (type === 'VoteRecorded' || type === 'DecisionRecorded') &&
      actor === person &&
      details?.choice === 'approve' &&
      typeof details.version === 'number' &&
      details.version !== asked,
  );
  return vote && { version: vote.details?.version as number, at: vote.at };
}

/** What a reader approved last, and what is not as it was then. */
export interface LastApproved {
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** In words. */
  readonly changed: string;
  /** Of that version, on its own hold-out. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What is not the same in two versions, in words; `nothing but the training run` where all of it is. */
export function changedSince(before: VersionRow, now: VersionRow): string {
  const changed = [
    ...(before.dataset.object.sha256 === now.dataset.object.sha256 ? [] : ['the data']),
    ...(before.definition.sha256 === now.definition.sha256 ? [] : ['model.yaml']),
    ...(before.image === now.image ? [] : ['the image']),
    ...(before.dataset.source?.sha256 === now.dataset.source?.sha256 ? [] : ['the code']),
  ];
  return changed.length === 0 ? 'nothing but the training run' : changed.join(', ');
}
