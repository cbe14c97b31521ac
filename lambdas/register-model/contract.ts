import { z } from 'zod';
import { ApprovedEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const RegisterModelEnv = TableEnv.extend(ApprovedEnv.shape).extend({ PREFIX: z.string().min(1) });

export const RegisterModelInput = ReleaseInput;
export type RegisterModelInput = ReleaseInput;

export interface RegisterModelOutput {
  readonly packageArn: string;
}
