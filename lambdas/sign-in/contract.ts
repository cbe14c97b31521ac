import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';

export {
  DecideApprovalInput as SignInInput,
  type DecideApprovalOutput as SignInOutput,
} from '../decide-approval/contract.ts';

export const SignInEnv = TableEnv.extend({
  /** Signs sessions and the sign-ins under way (KMS HMAC). */
  SESSION_KEY_ARN: z.string().min(1),
  /** Base URL of the pages, without a trailing slash. */
  PAGES_URL: z.string().url(),
});
