import { statusNow } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore } from '../../domain/approval/ports.ts';
import { channelMessage } from '../../domain/notice/channel-message.ts';
import { noticeOf } from '../../domain/notice/notice.ts';
import type { ChannelPoster, PendingNotice, PostedNotices, SecretReader } from '../../domain/notice/ports.ts';
import type { Now } from '../../domain/ports.ts';
import { type EvidenceDependencies, evidenceOf } from '../shared/compile-evidence.ts';
import { NoticeMessage, type NotifyChannelInput, type NotifyChannelOutput } from './contract.ts';

export interface NotifyChannelDependencies extends EvidenceDependencies {
  readonly approvals: ApprovalStore;
  readonly posted: PostedNotices;
  readonly secrets: SecretReader;
  readonly poster: ChannelPoster;
  /** Base URL of the pages, without a trailing slash. */
  readonly pagesUrl: string;
  readonly now: Now;
  /** Told why a message will be delivered again. */
  readonly onFailure: (error: unknown, messageId: string) => void;
}

/** Tells a tier's channels what people are asked. A channel that does not answer is tried five times, and holds nobody up. */
export const notifyChannel =
  (dependencies: NotifyChannelDependencies) =>
  async ({ Records }: NotifyChannelInput): Promise<NotifyChannelOutput> => {
    const failures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        await tell(dependencies, NoticeMessage.parse(JSON.parse(body)));
      } catch (error) {
        dependencies.onFailure(error, messageId);
        failures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failures };
  };

async function tell(dependencies: NotifyChannelDependencies, pending: PendingNotice): Promise<void> {
  const { approvals, posted, secrets, poster, config, pagesUrl, now } = dependencies;
  const request = await approvals.findRequest(pending.requestId);
  // Decided, or over: a channel is not asked about what nobody can decide any more.
  if (!request || statusNow(request, now()) !== 'Pending') return;
  const channel = config.tiers[request.subject.policy.tier]?.notify?.[pending.channel];
  if (!channel || (await posted.has(pending))) return;
  // Evidence as nobody in particular has it.
  const evidence = await evidenceOf(dependencies, request, '');
  const notice = noticeOf(pending.event, request, evidence, config, pagesUrl);
  await poster.post(await secrets.read(channel.secret), channelMessage(channel.format, notice));
  await posted.record(pending, now());
}
