import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { LinkSigner } from '../../domain/approval/ports.ts';

/** The address under which one approver finds a request, until it expires. */
export async function approvalUrl(
  { links, apiUrl }: { readonly links: Pick<LinkSigner, 'sign'>; readonly apiUrl: string },
  { requestId, digest, expiresAt }: ApprovalRequest,
  approver: string,
): Promise<string> {
  const expires = Math.floor(Date.parse(expiresAt) / 1000);
  return `${apiUrl}/approvals/${requestId}?link=${await links.sign({ requestId, approver, digest, expires })}`;
}
