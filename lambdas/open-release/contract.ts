import { z } from 'zod';
import { ReleaseInput, TableEnv } from '../shared/contract.ts';
export const OpenReleaseEnv = TableEnv;

export const OpenReleaseInput = ReleaseInput.extend({ executionName: z.string().min(1) });
export type OpenReleaseInput = z.infer<typeof OpenReleaseInput>;

export interface OpenReleaseOutput {
  readonly team: string;
  /** It ends after validation and asks nobody. */
  readonly experiment: boolean;
  /** The model was trained elsewhere: nothing is trained. */
  readonly isBrought: boolean;
}
