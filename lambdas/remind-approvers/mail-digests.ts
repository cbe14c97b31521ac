import { type ApprovalRequest, type Approver, statusNow } from '../../domain/approval/approval-request.ts';
import { digestDay } from '../../domain/approval/digest.ts';
import { type DigestEntry, digestMail } from '../../domain/approval/digest-mail.ts';
import { moment } from '../../domain/approval/moment.ts';
import type { ApprovalStore, DigestStore } from '../../domain/approval/ports.ts';
import { calendarOf } from '../../domain/approval/working-calendar.ts';
import type { Now } from '../../domain/ports.ts';
import { approvalUrl } from '../shared/approval-url.ts';
import { evidenceOf } from '../shared/compile-evidence.ts';
import type { MailApproverDependencies } from '../shared/mail-approver.ts';

export interface MailDigestsDependencies extends MailApproverDependencies {
  readonly approvals: ApprovalStore;
  readonly digests: DigestStore;
  readonly now: Now;
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/** A request that waits for somebody. */
interface Waiting {
  readonly request: ApprovalRequest;
  readonly approver: Approver;
}

/**
 * Mails each approver, once a working day, what waits for them in tiers that choose it. The day is claimed by condition before its
 * mail is sent, so repeated and late events send one; what a lost mail listed is listed again the next day.
 */
export async function mailDigests(dependencies: MailDigestsDependencies): Promise<void> {
  const { config, digests, now } = dependencies;
  for (const [person, waiting] of await waitingByPerson(dependencies)) {
    const days = waiting.flatMap(({ request, approver }) => digestDay(config, request, approver, now()) ?? []);
    const date = days.sort().at(-1);
    if (date !== undefined && (await digests.claim(person, date))) await mail(dependencies, person, waiting, date);
  }
}

/** Soonest expiry first. */
async function waitingByPerson({ approvals, now }: MailDigestsDependencies): Promise<Map<string, Waiting[]>> {
  const byPerson = new Map<string, Waiting[]>();
  const known = await Promise.all((await approvals.listReminders()).map((one) => approvals.findRequest(one.requestId)));
  const open = known.filter((one) => one?.mailed === 'daily' && statusNow(one, now()) === 'Pending');
  for (const request of (open as ApprovalRequest[]).sort((a, b) => a.expiresAt.localeCompare(b.expiresAt))) {
    const voted = new Set((await approvals.listVotes(request.requestId)).map(({ person }) => person));
    for (const approver of request.approvers.filter(({ person }) => !voted.has(person))) {
      byPerson.set(approver.person, [...(byPerson.get(approver.person) ?? []), { request, approver }]);
    }
  }
  return byPerson;
}

async function mail(
  dependencies: MailDigestsDependencies,
  person: string,
  waiting: readonly Waiting[],
  date: string,
): Promise<void> {
  const { archive, config, lineage, mailer, onUnreached } = dependencies;
  const first = waiting[0]!.request.requestId;
  const known = new Map(Object.entries(config.people)).get(person);
  if (!known) return onUnreached(new RangeError(`expected ${person} among the configured people, got none`), first);
  const entries: (DigestEntry & { readonly team: string })[] = [];
  for (const { request, approver } of waiting) {
    const { team } = await lineage.getVersion(request.model, request.version);
    entries.push({
      team,
      evidence: await evidenceOf(dependencies, request, person),
      expires: moment(request.expiresAt, calendarOf(config, person, approver.roles).timeZone),
      link: await approvalUrl(dependencies, request, person),
    });
  }
  const reader = { person, name: known.name, email: known.email };
  for (const [i, { request }] of waiting.entries()) {
    const { team } = entries[i]!;
    // Each request's copy holds its team's part: what is kept under a team's prefix, that team's containers can read.
    const own = entries.filter((entry) => entry.team === team);
    await archive.keepMail(team, request, digestMail(own, reader, date), ...own.map(({ link }) => link));
  }
  try {
    await mailer.send(digestMail(entries, reader, date));
  } catch (error) {
    onUnreached(error, first);
  }
}
