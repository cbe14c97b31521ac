import type { ApprovalRequest, Vote } from './approval-request.ts';
import { isQuorum } from './seats.ts';

/** What became of a mail that asked somebody. */
export interface Bounce {
  readonly requestId: string;
  /** Person id. */
  readonly person: string;
  /** `lasting`: the address does not exist or takes no mail; `passing`: a full mailbox, say: the next reminder may get through. */
  readonly kind: 'lasting' | 'passing' | 'complaint';
  /** What the mail server said. */
  readonly why: string;
}

/** True where this is news: the request is open, the person is asked, has not decided and is not known to be unreachable. */
export const isNews = (request: ApprovalRequest, votes: readonly Vote[], { person }: Bounce): boolean =>
  request.status === 'Pending' &&
  request.approvers.some((one) => one.person === person) &&
  !votes.some((vote) => vote.person === person) &&
  !(request.unreachable ?? []).includes(person);

/** True where those who are reached, or have approved, cannot fill the seats any more. */
export function needsOthers(request: ApprovalRequest, votes: readonly Vote[], unreachable: readonly string[]): boolean {
  const approved = votes.filter(({ choice }) => choice === 'approve').map(({ person }) => person);
  const left = request.approvers.filter(({ person }) => approved.includes(person) || !unreachable.includes(person));
  return !isQuorum(request.seats, left);
}
