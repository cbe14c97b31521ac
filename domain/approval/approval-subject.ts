import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { VersionRow } from '../version.ts';
import type { Seat } from './seats.ts';

/** Everything an approval stands for. Approve one value of it and only exactly that may be deployed. */
export interface ApprovalSubject {
  /** `v1` holds less: requests that were asked before `v2` stay what they were. */
  readonly schema: 'launchway/approval/v1' | 'launchway/approval/v2';
  readonly model: string;
  readonly release: number;
  readonly version: number;
  readonly artifactSha256: string;
  /** Image pinned by digest where the registry allows. */
  readonly image: string;
  readonly definitionSha256: string;
  readonly datasetSha256: string;
  readonly holdoutSha256: string;
  /** Metrics, gates, slices and changed decisions, as the evaluation document has them. */
  readonly evaluationSha256: string;
  /** As the version's row has them, which is what people are shown. Since `v2`. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** The version that served when the candidate was judged; null where none did. */
  readonly comparedWith: number | null;
  readonly serving: ModelDefinition['serving'];
  /** What part of the traffic is kept for monitoring: people are told what happens to requests. */
  readonly captureFraction: number;
  /** What the tier and model.yaml ask together; `gates` since `v2`. */
  readonly policy: {
    readonly tier: string;
    readonly seats: readonly Seat[];
    readonly gates?: ModelDefinition['validation']['gates'];
  };
}

/**
 * What is asked about a version, as the table, its definition and the deployed configuration have it now.
 *
 * @param schema of the request that it is compared with; a new request has the newest
 * @throws {RangeError} the version was not evaluated
 */
export function approvalSubject(
  version: VersionRow,
  definition: ModelDefinition,
  seats: readonly Seat[],
  schema: ApprovalSubject['schema'] = 'launchway/approval/v2',
): ApprovalSubject {
  if (!version.evaluation) throw new RangeError(`expected version ${version.version} to be evaluated, got none`);
  const isNewer = schema !== 'launchway/approval/v1';
  return {
    schema,
    model: version.model,
    release: version.release,
    version: version.version,
    artifactSha256: version.artifact.object.sha256,
    image: version.image,
    definitionSha256: version.definition.sha256,
    datasetSha256: version.dataset.object.sha256,
    holdoutSha256: version.prepared.holdoutSha256,
    evaluationSha256: version.evaluation.sha256,
    ...(isNewer && { metrics: version.evaluation.metrics }),
    comparedWith: version.evaluation.comparedWith ?? null,
    serving: definition.serving,
    captureFraction: definition.monitoring.capture.fraction,
    policy: { tier: definition.tier, seats, ...(isNewer && { gates: definition.validation.gates }) },
  };
}

/** Hex SHA-256 of the canonical JSON. */
export const approvalDigest = (subject: ApprovalSubject): string =>
  createHash('sha256').update(canonicalJson(subject)).digest('hex');

/** The members in which two subjects differ, by name; a report that a person can act on. */
export function differingMembers(approved: ApprovalSubject, now: ApprovalSubject): string[] {
  const names = new Set([...Object.keys(approved), ...Object.keys(now)]) as Set<keyof ApprovalSubject>;
  return [...names].filter((name) => canonicalJson(approved[name] ?? null) !== canonicalJson(now[name] ?? null)).sort();
}
