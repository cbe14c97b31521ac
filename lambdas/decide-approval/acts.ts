import type { ApprovalView } from '../../web/approval-page.ts';
import { statusOf } from '../shared/act-result.ts';
import { type ApproverAct, actAsApprover } from '../shared/approver-acts.ts';
import { identityOf } from './decide.ts';
import type { DecideApprovalDependencies } from './decide-approval.ts';
import type { Opened } from './open-link.ts';
import type { Said } from './show.ts';

/** The part of the page that has an act's form, and the form's fields. */
const FORMS: Readonly<Record<ApproverAct, { of: keyof NonNullable<ApprovalView['acts']>; fields: readonly string[] }>> =
  {
    ask: { of: 'say', fields: ['text'] },
    comment: { of: 'say', fields: ['text'] },
    delegate: { of: 'away', fields: ['to', 'from', 'until'] },
    back: { of: 'away', fields: [] },
    revoke: { of: 'revoke', fields: ['why'] },
  };

/** Does what an approver asks for besides deciding, as the link names them. */
export async function act(
  dependencies: DecideApprovalDependencies,
  opened: Opened,
  name: ApproverAct,
  field: (name: string) => string,
): Promise<Said | 'busy'> {
  const { requestId, approver: person, digest, keyId, expires } = opened.link;
  const knownBy = { digest, ...identityOf(opened), link: { keyId, expires } };
  const result = await actAsApprover(dependencies, { requestId, person, knownBy }, name, field);
  if (result === 'busy') return 'busy';
  const { text, tone } = result;
  if (result.kind !== 'mend') return { statusCode: statusOf(result), notice: { tone, text } };
  const { of, fields } = FORMS[name];
  const typed = Object.fromEntries(fields.map((one) => [one, field(one)]));
  return { statusCode: statusOf(result), problem: { of, text, typed } };
}
