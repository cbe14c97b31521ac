import { type ApprovalDecision, statusNow } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore } from '../../domain/approval/ports.ts';
import { NotFoundError, UnlawfulTransitionError } from '../../domain/errors.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';
import type { ExpireApprovalInput, ExpireApprovalOutput } from './contract.ts';

export interface ExpireApprovalDependencies {
  readonly lineage: LineageStore;
  readonly approvals: ApprovalStore;
  readonly now: Now;
}

/**
 * Closes a request whose task timed out. A vote that committed in the last moment still counts: the table's word is returned.
 *
 * @throws {UnlawfulTransitionError} its time is not over: whoever calls is not its task
 */
export const expireApproval =
  ({ lineage, approvals, now }: ExpireApprovalDependencies) =>
  async ({ model, release }: ExpireApprovalInput): Promise<ExpireApprovalOutput> => {
    const { steps } = await lineage.getRelease(model, release);
    if (!steps.approval) {
      throw new NotFoundError(`expected an approval request of release ${model}/${release}, got none`);
    }
    const { requestId } = steps.approval;
    const asked = await approvals.findRequest(requestId);
    if (asked && statusNow(asked, now()) === 'Pending') {
      throw new UnlawfulTransitionError(`expected request ${requestId} to be past ${asked.expiresAt}, got an open one`);
    }
    const request = await approvals.close(requestId, 'Expired', now().toISOString(), {
      type: 'ApprovalExpired',
      actor: 'launchway:expire-approval',
      subject: `approval/${requestId}`,
      details: { release },
    });
    return { decision: request.status as ApprovalDecision };
  };
