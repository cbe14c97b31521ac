import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { comparisonOf } from '../../domain/approval/comparison.ts';
import { compileEvidence, type Evidence } from '../../domain/approval/evidence.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { DefinitionReader } from './read-definition.ts';
import type { EvaluationReader } from './read-evaluation.ts';

export interface EvidenceDependencies {
  readonly lineage: LineageStore;
  readonly readDefinition: DefinitionReader;
  readonly readEvaluation: EvaluationReader;
  readonly config: DeployedConfig;
}

/** Reads everything that a request's evidence is made of: the mail and the page show the same. */
export async function evidenceOf(
  { lineage, readDefinition, readEvaluation, config }: EvidenceDependencies,
  request: ApprovalRequest,
): Promise<Evidence> {
  const [model, release, version] = await Promise.all([
    lineage.getModel(request.model),
    lineage.getRelease(request.model, request.release),
    lineage.getVersion(request.model, request.version),
  ]);
  const definition = await readDefinition(version.definition);
  const comparison = comparisonOf(await readEvaluation(version));
  return compileEvidence({ request, model, release, version, definition, comparison, config });
}
