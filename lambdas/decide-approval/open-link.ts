import { type ApprovalLink, isExpired } from '../../domain/approval/approval-link.ts';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { namedApprover } from '../../domain/approval/named-approver.ts';
import type { Session } from '../../domain/sign-in/session.ts';
import * as answers from './answers.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from './contract.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import { identify, identifyWithoutLink } from './identify.ts';
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
  if (requestId !== undefined && !namesLink(input)) return openWithoutLink(dependencies, input, requestId);
  const text = linkOf(input);
  const link = text === undefined ? undefined : await links.verify(text);
  if (!link || link.requestId !== requestId) return answers.invalidLink();
  const request = await approvals.findRequest(requestId);
  if (isExpired(link, now())) return answers.expiredLink(request);
  const approver = request && namedApprover(dependencies.config, request, link.approver);
  if (!request || !approver) return handedOver(dependencies, link, request) ?? answers.invalidLink();
  if (link.digest !== request.digest) return answers.changedSubject();
  const identified = await identify(dependencies, input, request, approver);
  return 'statusCode' in identified ? identified : { link, request, ...identified };
}

const namesLink = ({ rawQueryString }: DecideApprovalInput): boolean => new URLSearchParams(rawQueryString).has('link');

/** As a channel names a request: who has signed in is its reader, and gets the link that a mail would have had. */
async function openWithoutLink(
  dependencies: DecideApprovalDependencies,
  input: DecideApprovalInput,
  requestId: string,
): Promise<Opened | DecideApprovalOutput> {
  const identified = await identifyWithoutLink(dependencies, input, requestId);
  if ('statusCode' in identified) return identified;
  const { request, session } = identified;
  const expires = Math.floor(Date.parse(request.expiresAt) / 1000);
  const link = { requestId, approver: session.person, digest: request.digest, expires, keyId: 'session' };
  return isExpired(link, dependencies.now()) ? answers.expiredLink(request) : { link, ...identified };
}

function handedOver(
  { config }: DecideApprovalDependencies,
  { approver }: ApprovalLink,
  request: ApprovalRequest | undefined,
): DecideApprovalOutput | undefined {
  const standIn = request?.approvers.find(({ standsInFor }) => standsInFor?.some(({ person }) => person === approver));
  return standIn && answers.handedOver(config.people[standIn.person]?.name ?? standIn.person);
}
