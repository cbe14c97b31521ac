import { z } from 'zod';
import { LinkKeysEnv, PagesEnv, TableEnv } from '../shared/contract.ts';

export {
  DecideApprovalInput as ActOnIncidentInput,
  type DecideApprovalOutput as ActOnIncidentOutput,
} from '../decide-approval/contract.ts';

export const ActOnIncidentEnv = TableEnv.extend(LinkKeysEnv.shape)
  .extend(PagesEnv.shape)
  .extend({
    ALERT_TOPIC_ARN: z.string().min(1),
  });
