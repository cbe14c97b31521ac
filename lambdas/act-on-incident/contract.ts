import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, DeploymentEnv, LinkKeysEnv, PagesEnv, TableEnv } from '../shared/contract.ts';

export {
  DecideApprovalInput as ActOnIncidentInput,
  type DecideApprovalOutput as ActOnIncidentOutput,
} from '../decide-approval/contract.ts';

export const ActOnIncidentEnv = TableEnv.extend(LinkKeysEnv.shape)
  .extend(PagesEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(ArtifactsEnv.shape)
  .extend(DeploymentEnv.shape)
  .extend({
    ALERT_TOPIC_ARN: z.string().min(1),
    RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1),
    ROLL_BACK_MODEL_STATE_MACHINE_ARN: z.string().min(1),
  });
