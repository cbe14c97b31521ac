import { createHash } from 'node:crypto';
import type { LinkSigner } from '../approval/ports.ts';
import { DETECTORS, type Detector, type IncidentRow, incidentId } from './rows.ts';

/** How long a mail's link works. */
const LINK_DAYS = 14;

export interface IncidentName {
  readonly model: string;
  readonly detector: Detector;
  readonly start: string;
}

/** The incident as a path: the signature is over it, so it may say what it is of. */
export const incidentPath = (incident: IncidentName): string => Buffer.from(incidentId(incident)).toString('base64url');

/** @returns undefined for a path that names no incident */
export function incidentOfPath(path: string): IncidentName | undefined {
  const text = Buffer.from(path, 'base64url').toString('utf8');
  const [, model, named, start] =
    /^([a-z][a-z0-9-]{1,29})\/([a-z][a-z-]*)\/(\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(text) ?? [];
  const detector = DETECTORS.find((known) => known === named);
  return model !== undefined && start !== undefined && detector ? { model, detector, start } : undefined;
}

/** What a link is bound to. */
export const incidentDigest = (incident: IncidentName): string =>
  createHash('sha256')
    .update(`launchway/incident/v1\n${incidentId(incident)}`)
    .digest('hex');

/**
 * The address of an incident's page, signed for those whom the mail goes to: who has the mail may answer, and is recorded as that.
 *
 * @param apiUrl of the pages, without a slash at its end
 */
export async function incidentUrl(
  links: LinkSigner,
  apiUrl: string,
  incident: IncidentRow,
  to: readonly string[],
  at: Date,
): Promise<string> {
  const requestId = incidentPath(incident);
  const expires = Math.floor(at.getTime() / 1000) + LINK_DAYS * 86_400;
  const link = await links.sign({ requestId, approver: to.join(', '), digest: incidentDigest(incident), expires });
  return `${apiUrl}/incidents/${requestId}?link=${encodeURIComponent(link)}`;
}
