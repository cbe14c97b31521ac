import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { approvalDigest, approvalSubject } from '../../domain/approval/approval-subject.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { DefinitionReader } from './read-definition.ts';

/** The evidence that is shown, and the version voted about, must be what the approval will be bound to; what is decided is in the record. */
export async function isUnchanged(
  { lineage, readDefinition }: { readonly lineage: LineageStore; readonly readDefinition: DefinitionReader },
  request: ApprovalRequest,
): Promise<boolean> {
  if (request.status !== 'Pending') return true;
  const version = await lineage.getVersion(request.model, request.version);
  const subject = approvalSubject(
    version,
    await readDefinition(version.definition),
    request.seats,
    request.subject.schema,
  );
  return approvalDigest(subject) === request.digest;
}
