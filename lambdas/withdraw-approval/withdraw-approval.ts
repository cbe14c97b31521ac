import { statusNow } from '../../domain/approval/approval-request.ts';
import type { ApprovalStore, DecisionQueue, WithdrawalAnswer } from '../../domain/approval/ports.ts';
import { withdrawRequest } from '../../domain/approval/withdrawal.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { Now } from '../../domain/ports.ts';
import type { WithdrawApprovalInput } from './contract.ts';

export interface WithdrawApprovalDependencies {
  readonly approvals: Pick<ApprovalStore, 'findRequest' | 'close'>;
  readonly decisions: DecisionQueue;
  readonly config: DeployedConfig;
  readonly now: Now;
  /** Told when a withdrawal could not be announced; the sweep delivers it within the hour. */
  readonly onUnannounced: (error: unknown, requestId: string) => void;
}

/**
 * Takes a question back: for who submitted it, or because its release has ended. Those who call this can do nothing else to a
 * request, and cannot make it approved.
 *
 * @throws {NotFoundError}
 */
export const withdrawApproval =
  (dependencies: WithdrawApprovalDependencies) =>
  async (input: WithdrawApprovalInput): Promise<WithdrawalAnswer> => {
    const { approvals, decisions, config, now, onUnannounced } = dependencies;
    const { requestId } = input;
    const request = await approvals.findRequest(requestId);
    if (!request) throw new NotFoundError(`expected approval request ${requestId}, got none`);
    const at = now();
    const subject = `approval/${requestId}`;
    if ('ended' in input) {
      const event = { type: 'ApprovalWithdrawn', actor: 'launchway:close-release', subject, details: input.ended };
      return { status: (await approvals.close(requestId, 'Withdrawn', at.toISOString(), event)).status };
    }
    const result = withdrawRequest(config, request, input.submitter, input.reason, at);
    if (result.kind === 'Refused') return { status: statusNow(request, at), refusal: result.refusal };
    const { withdrawal } = result;
    const { release, version, digest } = request;
    const closed = await approvals.close(
      requestId,
      'Withdrawn',
      withdrawal.at,
      {
        type: 'ApprovalWithdrawn',
        actor: withdrawal.by,
        subject,
        details: { release, version, digest, ...input.knownBy, reason: withdrawal.reason },
      },
      withdrawal,
    );
    // A vote, or somebody else's withdrawal, was first.
    if (closed.withdrawn?.at !== withdrawal.at || closed.withdrawn.by !== withdrawal.by) {
      return { status: closed.status, refusal: { kind: 'Closed', status: closed.status as 'Rejected' } };
    }
    // The outbox row is committed: a lost announcement only delays the answer until the sweep.
    await decisions.announce(requestId).catch((error) => onUnannounced(error, requestId));
    return { status: 'Withdrawn' };
  };
