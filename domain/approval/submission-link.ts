import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { DeployedConfig } from '../deployed-config.ts';
import type { Submitter } from '../model.ts';

/**
 * What takes the place of a subject's digest in a link to the page of who submitted: no approver's link is one of these, and none
 * of these is an approver's. They are signed with a key of their own, too.
 */
export const submissionDigest = (requestId: string): string =>
  createHash('sha256')
    .update(canonicalJson({ kind: 'submission', requestId }))
    .digest('hex');

/** Whom such a link is for: a person id, or the principal of a submitter whom no identity maps to. */
export const readerOf = ({ person, principal }: Submitter): string => person ?? principal;

/** Where mail to a submitter goes: to them, or to the model's owner where nobody is known by the principal. */
export function addressOf(config: DeployedConfig, owner: string, { person }: Submitter): string {
  const known = person === undefined ? undefined : new Map(Object.entries(config.people)).get(person);
  return known?.email ?? owner;
}

/** As mails and pages call a submitter. */
export const nameOf = (config: DeployedConfig, submitter: Submitter): string =>
  new Map(Object.entries(config.people)).get(submitter.person ?? '')?.name ?? submitter.principal;
