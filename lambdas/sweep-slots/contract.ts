import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';

export const SweepSlotsEnv = TableEnv.extend({ ASSIGN_SLOTS_FUNCTION_NAME: z.string().min(1) });

export const SweepSlotsInput = z.object({}).loose();
export type SweepSlotsInput = z.infer<typeof SweepSlotsInput>;

export interface SweepSlotsOutput {
  /** Jobs whose instances, or place, were given back in their stead. */
  readonly givenBack: readonly string[];
  /** Jobs whose workflows are told again. */
  readonly answered: readonly string[];
}
