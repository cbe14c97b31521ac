import { z } from 'zod';
import { NOTICE_EVENTS } from '../../domain/notice/notice.ts';
import { ApprovedEnv, ArtifactsEnv, TableEnv } from '../shared/contract.ts';

export const NotifyChannelEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape).extend({
  /** Base URL of the pages, without a trailing slash. */
  PAGES_URL: z.string().url(),
});

/** An SQS batch, as Lambda delivers it. */
export const NotifyChannelInput = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});
export type NotifyChannelInput = z.infer<typeof NotifyChannelInput>;

/** The body of a message. */
export const NoticeMessage = z.object({
  requestId: z.string().min(1),
  event: z.enum(NOTICE_EVENTS),
  channel: z.number().int().min(0),
});

/** Messages to be delivered again; the others are done. */
export interface NotifyChannelOutput {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
