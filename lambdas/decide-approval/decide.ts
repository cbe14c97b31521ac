import type { Choice } from '../../domain/approval/approval-request.ts';
import type { VoteResult } from '../../domain/approval/cast-vote.ts';
import { castBallot } from '../shared/cast-ballot.ts';
import * as answers from './answers.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import type { Opened } from './open-link.ts';
import { keepPage, type Said } from './show.ts';

/** Casts a ballot as the link names its voter, with the page it was cast on. */
export async function decide(
  dependencies: DecideApprovalDependencies,
  opened: Opened,
  choice: Choice,
  typed: { readonly reason: string; readonly ticket: string; readonly reviewBy: string },
): Promise<Said | 'busy'> {
  const { link, session } = opened;
  const result = await castBallot(dependencies, {
    requestId: link.requestId,
    ballot: { person: link.approver, choice, ...typed, digest: link.digest, ...identityOf(opened) },
    // Kept before the vote that it belongs to: a page without a vote harms nobody.
    shown: async () => ({
      link: { keyId: link.keyId, expires: link.expires },
      page: await keepPage(dependencies, { ...opened, ...(session && { session }) }),
    }),
  });
  if (result === 'busy') return 'busy';
  if (result.kind === 'Counted') {
    return { notice: { tone: result.status === 'Rejected' ? 'bad' : 'good', text: counted(result) } };
  }
  const text = answers.refusalInWords(result.refusal);
  const statusCode = answers.refusalStatus(result.refusal);
  return statusCode === 422
    ? { statusCode, problem: { of: 'vote', text, typed } }
    : { statusCode, notice: { tone: 'plain', text } };
}

/** How the reader is known, as a vote and the audit say it. */
export const identityOf = ({ session }: Opened) =>
  session
    ? ({ identity: 'sign-in', knownAs: { issuer: session.issuer, subject: session.subject } } as const)
    : ({ identity: 'link' } as const);

const counted = ({ status, vote: { choice } }: Extract<VoteResult, { kind: 'Counted' }>): string => {
  if (status === 'Approved') return 'Approved. Every seat is filled: the version is deployed now.';
  if (status === 'Rejected') return 'Rejected. The version is not deployed; what serves stays as it is.';
  return `Recorded: you ${choice === 'approve' ? 'approved' : 'rejected'}. Others are still asked.`;
};
