import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const PrepareChannelsEnv = TableEnv.extend(ApprovedEnv.shape).extend(ArtifactsEnv.shape);

export const PrepareChannelsInput = ReleaseInput;
export type PrepareChannelsInput = ReleaseInput;

export interface PrepareChannelsOutput {
  readonly trainRows: number;
  readonly holdoutRows: number;
}
