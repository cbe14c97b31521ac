import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { comparisonOf } from '../../domain/approval/comparison.ts';
import { compileEvidence, type Evidence } from '../../domain/approval/evidence.ts';
import { changedSince, type LastApproved, lastApprovedBy } from '../../domain/approval/last-approved.ts';
import { type DiffLine, lineDiff } from '../../domain/approval/line-diff.ts';
import type { ApprovalStore } from '../../domain/approval/ports.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { AuditTrail } from '../../domain/deployment/ports.ts';
import type { ModelRow, ObjectRef } from '../../domain/model.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from './read-definition.ts';
import type { EvaluationReader } from './read-evaluation.ts';

export interface EvidenceDependencies {
  readonly lineage: LineageStore;
  readonly readDefinition: DefinitionReader;
  readonly readEvaluation: EvaluationReader;
  /** A definition as it was written. */
  readonly readDefinitionText: (object: ObjectRef) => Promise<string>;
  readonly audit: Pick<AuditTrail, 'list'>;
  readonly approvals: ApprovalStore;
  readonly config: DeployedConfig;
}

/**
 * Reads everything that a request's evidence is made of: the mail and the page show the same.
 *
 * @param reader person id of the one it is for
 */
export async function evidenceOf(
  dependencies: EvidenceDependencies,
  request: ApprovalRequest,
  reader: string,
): Promise<Evidence> {
  const { lineage, readDefinition, readEvaluation, config, approvals } = dependencies;
  const [model, release, version] = await Promise.all([
    lineage.getModel(request.model),
    lineage.getRelease(request.model, request.release),
    lineage.getVersion(request.model, request.version),
  ]);
  const definition = await readDefinition(version.definition);
  const comparison = comparisonOf(await readEvaluation(version));
  const definitionDiff = await diffToChampion(dependencies, model, version);
  const lastApproved = await lastApprovedOf(dependencies, version, reader);
  const { roles } = request.approvers.find(({ person }) => person === reader) ?? { roles: [] };
  return compileEvidence({
    request,
    model,
    release,
    version,
    definition,
    comparison,
    config,
    reader,
    timeZone: calendarOf(config, reader, roles).timeZone,
    votes: await approvals.listVotes(request.requestId),
    definitionDiff,
    ...(lastApproved && { lastApproved }),
  });
}

async function diffToChampion(
  { lineage, readDefinitionText }: EvidenceDependencies,
  { model, champion }: ModelRow,
  version: VersionRow,
): Promise<DiffLine[]> {
  if (!champion || champion.version === version.version) return [];
  const serving = await lineage.getVersion(model, champion.version);
  if (serving.definition.sha256 === version.definition.sha256) return [];
  return lineDiff(await readDefinitionText(serving.definition), await readDefinitionText(version.definition));
}

async function lastApprovedOf(
  { lineage, audit }: EvidenceDependencies,
  version: VersionRow,
  reader: string,
): Promise<LastApproved | undefined> {
  const last = lastApprovedBy(await audit.list(version.model), reader, version.version);
  if (!last) return undefined;
  const before = await lineage.getVersion(version.model, last.version);
  return { ...last, changed: changedSince(before, version), metrics: before.evaluation?.metrics ?? {} };
}
