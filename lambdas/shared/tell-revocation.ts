import type { ApprovalRequest, Withdrawal } from '../../domain/approval/approval-request.ts';
import { revocationMail } from '../../domain/approval/thread-mail.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { LineageStore, Mailer } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';

export interface TellRevocationDependencies {
  readonly lineage: Pick<LineageStore, 'getModel'>;
  readonly config: DeployedConfig;
  readonly mailer: Mailer;
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/** Tells the owner, the operators and the others who were asked that an approval no longer stands. */
export async function tellRevocation(
  { lineage, config, mailer, onUnreached }: TellRevocationDependencies,
  request: ApprovalRequest,
  version: VersionRow,
  revoked: Withdrawal,
): Promise<void> {
  const { owner, champion } = await lineage.getModel(request.model);
  const people = new Map(Object.entries(config.people));
  const others = request.approvers.flatMap(({ person }) =>
    person === revoked.by ? [] : (people.get(person)?.email ?? []),
  );
  const who = {
    name: people.get(revoked.by)?.name ?? revoked.by,
    to: [...new Set([owner, config.mail.operators, ...others])],
  };
  const standing =
    champion?.version === version.version
      ? 'serves now'
      : version.status === 'Approved'
        ? 'was not deployed yet'
        : 'served';
  try {
    await mailer.send(revocationMail(request, revoked, who, standing));
  } catch (error) {
    onUnreached(error, request.requestId);
  }
}
