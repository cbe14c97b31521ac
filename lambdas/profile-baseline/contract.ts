import { ApprovedEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const ProfileBaselineEnv = TableEnv.extend(ApprovedEnv.shape);

export const ProfileBaselineInput = ReleaseInput;
export type ProfileBaselineInput = ReleaseInput;

export interface ProfileBaselineOutput {
  readonly rows: number;
}
