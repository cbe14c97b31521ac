import { z } from 'zod';
import { PagesEnv, TableEnv } from '../shared/contract.ts';

export {
  DecideApprovalInput as ActOnIncidentInput,
  type DecideApprovalOutput as ActOnIncidentOutput,
} from '../decide-approval/contract.ts';

export const ActOnIncidentEnv = TableEnv.extend(PagesEnv.shape).extend({
  LINK_KEY_ARN: z.string().min(1),
  ALERT_TOPIC_ARN: z.string().min(1),
});
