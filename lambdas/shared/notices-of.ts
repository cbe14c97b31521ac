import type { z } from 'zod';
import { SqsNoticeQueue } from '../../adapters/sqs-notice-queue.ts';
import type { NoticeQueue } from '../../domain/notice/ports.ts';
import type { NoticeEnv } from './contract.ts';

/** The queue of notices, where a tier has a channel. */
export const noticesOf = ({ NOTICE_QUEUE_URL }: z.infer<typeof NoticeEnv>): { readonly notices?: NoticeQueue } =>
  NOTICE_QUEUE_URL === undefined ? {} : { notices: new SqsNoticeQueue(NOTICE_QUEUE_URL) };
