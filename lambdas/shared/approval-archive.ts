import { sha256Hex } from '../../adapters/sha256.ts';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { Mail, ObjectStore } from '../../domain/ports.ts';

/** Keeps what people were shown, write-once and content-addressed, beside what they approved. */
export interface ApprovalArchive {
  /** @returns hex SHA-256 of what was kept, for the audit entry */
  keepPage(team: string, request: ApprovalRequest, html: string): Promise<string>;
  /** What was shown on a terminal. @returns as `keepPage` */
  keepText(team: string, request: ApprovalRequest, text: string): Promise<string>;
  /** The mail without its links, which are credentials while their requests are open. @returns as `keepPage` */
  keepMail(team: string, request: ApprovalRequest, mail: Mail, ...links: readonly string[]): Promise<string>;
}

/** @param bucket the one whose keys are written once */
export function approvalArchive(objects: Pick<ObjectStore, 'putOnce'>, bucket: string): ApprovalArchive {
  const keep = async (
    team: string,
    { model, requestId }: ApprovalRequest,
    name: string,
    body: string,
    contentType: string,
  ): Promise<string> => {
    const sha256 = sha256Hex(body);
    const [kind, extension] = name.split('.');
    const key = `${team}/${model}/approvals/${requestId}/${kind}-${sha256}.${extension}`;
    await objects.putOnce({ bucket, key, sha256 }, body, contentType);
    return sha256;
  };
  return {
    keepPage: (team, request, html) => keep(team, request, 'page.html', html, 'text/html; charset=utf-8'),
    keepText: (team, request, text) => keep(team, request, 'terminal.txt', text, 'text/plain; charset=utf-8'),
    keepMail: (team, request, mail, ...links) => {
      // In HTML the address is escaped; both forms are credentials.
      const forms = links.flatMap((link) => [link, link.replaceAll('&', '&amp;')]);
      const text = forms.reduce((kept, form) => kept.split(form).join('[link]'), JSON.stringify(mail));
      return keep(team, request, 'mail.json', text, 'application/json');
    },
  };
}
