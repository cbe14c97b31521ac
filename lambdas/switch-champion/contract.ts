import { z } from 'zod';
import { ReleaseInput, TableEnv } from '../shared/contract.ts';
export const SwitchChampionEnv = TableEnv;

export const SwitchChampionInput = ReleaseInput.extend({
  version: z.number().int().positive(),
  /** The rollback whose row has the proof; absent: the release's has it. */
  rollback: z.number().int().positive().optional(),
  endpointName: z.string().min(1),
  endpointConfigName: z.string().min(1),
});
export type SwitchChampionInput = z.infer<typeof SwitchChampionInput>;

export interface SwitchChampionOutput {
  /** Version that served before. */
  readonly previous?: number;
}
