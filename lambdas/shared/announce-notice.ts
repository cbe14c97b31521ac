import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { NoticeEvent } from '../../domain/notice/notice.ts';
import type { NoticeQueue } from '../../domain/notice/ports.ts';

export interface NoticeDependencies {
  /** Absent where no tier has a channel. */
  readonly notices?: NoticeQueue;
  readonly config: DeployedConfig;
  /** Told that a channel will not hear of it; people were mailed. */
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/** Has the channels of a request's tier told. It never fails: a channel is an addition to the mails. */
export async function announceNotice(
  { notices, config, onUnreached }: NoticeDependencies,
  { requestId, subject }: ApprovalRequest,
  event: NoticeEvent,
): Promise<void> {
  if (!notices) return;
  for (const channel of (config.tiers[subject.policy.tier]?.notify ?? []).keys()) {
    await notices.announce({ requestId, event, channel }).catch((error) => onUnreached(error, requestId));
  }
}
