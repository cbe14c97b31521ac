import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';

export const AuthorizeRollbackEnv = TableEnv;

export const AuthorizeRollbackInput = z.object({
  model: z.string().min(1),
  rollback: z.number().int().positive(),
});
export type AuthorizeRollbackInput = z.infer<typeof AuthorizeRollbackInput>;

export interface AuthorizeRollbackOutput {
  /** The version that is to serve again, and the release that made it. */
  readonly version: number;
  readonly release: number;
  /** The version that served when it was asked for: what is restored where this fails. */
  readonly from: number;
}
