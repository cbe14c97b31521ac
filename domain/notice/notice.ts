import type { ApprovalRequest } from '../approval/approval-request.ts';
import type { Evidence } from '../approval/evidence.ts';
import { moment } from '../approval/moment.ts';
import { seatsInWords } from '../approval/seats.ts';
import type { DeployedConfig } from '../deployed-config.ts';

/** What a channel is told of. */
export const NOTICE_EVENTS = ['asked', 'escalated'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What a channel is told. It says nothing that decides, and holds no link that is a credential. */
export interface Notice {
  readonly event: NoticeEvent;
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  readonly release: number;
  /** One line. */
  readonly title: string;
  /** Sentences, one paragraph each. */
  readonly words: readonly string[];
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  /** The page, where people sign in; absent where the link of a mail is all that they are known by. */
  readonly url?: string;
}

/** @param pagesUrl without a trailing slash */
export function noticeOf(
  event: NoticeEvent,
  request: ApprovalRequest,
  evidence: Pick<Evidence, 'inWords'>,
  { issuer, people }: Pick<DeployedConfig, 'issuer' | 'people'>,
  pagesUrl: string,
): Notice {
  const { requestId, model, version, release, expiresAt, seats, approvers } = request;
  const names = approvers.map(({ person }) => people[person]?.name ?? person).join(', ');
  const where = issuer ? 'Sign in on the page to decide.' : 'The link to decide with is in the mail of each of them.';
  return {
    event,
    requestId,
    model,
    version,
    release,
    title: `${event === 'escalated' ? 'Still undecided: ' : ''}${model} version ${version} – may it serve?`,
    words: [
      ...evidence.inWords,
      `Asked: ${names} (${seatsInWords(seats)}). Until ${moment(expiresAt)}; silence is a no. ${where}`,
    ],
    expiresAt,
    ...(issuer && { url: `${pagesUrl}/approvals/${requestId}` }),
  };
}
