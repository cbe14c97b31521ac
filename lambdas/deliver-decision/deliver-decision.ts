import { z } from 'zod';
import type { ApprovalStore, TaskCallback, TokenVault } from '../../domain/approval/ports.ts';
import type { ApprovalAnswer } from '../request-approval/contract.ts';
import type { DeliverDecisionInput, DeliverDecisionOutput } from './contract.ts';

export interface DeliverDecisionDependencies {
  readonly approvals: ApprovalStore;
  readonly vault: TokenVault;
  readonly task: TaskCallback;
  /** Told why a message will be delivered again. */
  readonly onFailure: (error: unknown, messageId: string) => void;
}

const Message = z.object({ requestId: z.string().min(1) });

/** Answers the tasks that wait for these decisions, once each however often a message arrives. */
export const deliverDecision =
  ({ approvals, vault, task, onFailure }: DeliverDecisionDependencies) =>
  async ({ Records }: DeliverDecisionInput): Promise<DeliverDecisionOutput> => {
    const failures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        await deliver(Message.parse(JSON.parse(body)).requestId);
      } catch (error) {
        onFailure(error, messageId);
        failures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failures };

    async function deliver(requestId: string): Promise<void> {
      const callback = await approvals.findCallback(requestId);
      if (!callback) return;
      const answer: ApprovalAnswer = { requestId, decision: callback.decision };
      const result = await task.succeed(await vault.open(requestId, callback.sealedToken), answer);
      await approvals.confirmCallback(callback, {
        type: result === 'answered' ? 'DecisionDelivered' : 'DecisionFoundNoTask',
        actor: 'launchway:deliver-decision',
        subject: `approval/${requestId}`,
        details: { decision: callback.decision, release: callback.release },
      });
    }
  };
