import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, IntakeEnv, TableEnv } from '../shared/contract.ts';

export { AWS_REPOSITORIES } from '../../domain/training/aws-registries.ts';

export const AdmitUploadEnv = TableEnv.extend(IntakeEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(ArtifactsEnv.shape)
  .extend({
    RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1),
    ROLL_BACK_MODEL_STATE_MACHINE_ARN: z.string().min(1),
    MEASURE_STALENESS_STATE_MACHINE_ARN: z.string().min(1),
    MAIL_FROM: z.string().min(1),
  });

/** An SQS batch, as Lambda delivers it. */
export const AdmitUploadInput = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});
export type AdmitUploadInput = z.infer<typeof AdmitUploadInput>;

/** Messages to be delivered again; the others are done. */
export interface AdmitUploadOutput {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
