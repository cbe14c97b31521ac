import { ApprovedEnv, ArtifactsEnv, IntakeEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const SealDatasetEnv = TableEnv.extend(IntakeEnv.shape).extend(ApprovedEnv.shape).extend(ArtifactsEnv.shape);

export const SealDatasetInput = ReleaseInput;
export type SealDatasetInput = ReleaseInput;

export interface SealDatasetOutput {
  readonly sha256: string;
}
