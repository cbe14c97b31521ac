import { ApprovedEnv, ArtifactsEnv, IntakeEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const SealArtifactEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape).extend(IntakeEnv.shape);

export const SealArtifactInput = ReleaseInput;
export type SealArtifactInput = ReleaseInput;

export interface SealArtifactOutput {
  readonly version: number;
  readonly sha256: string;
}
