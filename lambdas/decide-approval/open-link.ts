import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import { identify } from './identify.ts';
import { linkOf, requestIdOf } from './read-request.ts';

/** Who reads, and what they were asked. */
export interface Opened {
  readonly link: ApprovalLink;
  readonly request: ApprovalRequest;
  /** Absent where no issuer is configured. */
  readonly session?: Session;
}

/** Reads the link and whom it is for; anything else is an answer that tells nothing about what exists. */
export async function openLink(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
): Promise<Opened | DecideApprovalOutput> {
  const { approvals, links, now } = dependencies;
  const requestId = requestIdOf(input);
  const text = linkOf(input);
  const link = text === undefined ? undefined : await links.verify(text);
  if (!link || link.requestId !== requestId) return answers.invalidLink();
  const request = await approvals.findRequest(requestId);
  if (isExpired(link, now())) return answers.expiredLink(request);
  const approver = request?.approvers.find(({ person }) => person === link.approver);
  if (!request || !approver) return handedOver(dependencies, link, request) ?? answers.invalidLink();
  if (link.digest !== request.digest) return answers.changedSubject();
  const identified = await identify(dependencies, input, request, approver);
  return 'statusCode' in identified ? identified : { link, request, ...identified };
}

function handedOver(
  { config }: DecideApprovalDependencies,
  { approver }: ApprovalLink,
  request: ApprovalRequest | undefined,
): DecideApprovalOutput | undefined {
  const standIn = request?.approvers.find(({ standsInFor }) => standsInFor?.some(({ person }) => person === approver));
  return standIn && answers.handedOver(config.people[standIn.person]?.name ?? standIn.person);
}
