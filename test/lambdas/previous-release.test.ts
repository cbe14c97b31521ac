import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ApprovalRequest, Vote } from '../../domain/approval/approval-request.ts';
import type { Reminder } from '../../domain/approval/reminder.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import { authorizeDeployment } from '../../lambdas/authorize-deployment/authorize-deployment.ts';
import { ARTIFACT, CONFIG, modelRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom, CANARY } from '../support/approval-room.ts';
import { InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryAuditTrail } from '../support/in-memory-deployment.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

/** Rows and links as the first code that was ever deployed wrote them: one vote is cast, one seat is open. */
interface Rows {
  readonly requests: readonly ApprovalRequest[];
  readonly votes: readonly Vote[];
  readonly reminders: readonly Reminder[];
  readonly releases: readonly ReleaseRow[];
  readonly versions: readonly VersionRow[];
  readonly models: readonly ModelRow[];
  readonly links: Readonly<Record<string, string>>;
}

const ACCOUNT = '000000000000';

async function takenOver(): Promise<{ room: ApprovalRoom; links: Rows['links'] }> {
  const rows: Rows = JSON.parse(readFileSync('test/support/previous-release.json', 'utf8'));
  const room = new ApprovalRoom();
  for (const request of rows.requests) {
    const sealedToken = await room.vault.seal(request.requestId, CANARY);
    room.approvals.requests.set(request.requestId, { ...request, sealedToken });
  }
  for (const vote of rows.votes) room.approvals.votes.set(`${vote.requestId}/${vote.person}`, vote);
  for (const reminder of rows.reminders) room.approvals.reminders.set(reminder.requestId, reminder);
  for (const release of rows.releases) room.lineage.releases.set(`${release.model}/${release.release}`, release);
  for (const version of rows.versions) room.lineage.versions.set(`${version.model}/${version.version}`, version);
  return { room, links: rows.links };
}

describe('F20a: an approval in flight across a deploy', () => {
  it('is opened by the link that was mailed, decided, delivered and deployed', async () => {
    const { room, links } = await takenOver();
    const page = await room.http('GET', links.ben!);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('the gates passed');
    expect((await room.decide(links.ben!, { decision: 'approve', reason: 'fine' })).body).toContain(
      'Every seat is filled',
    );
    await room.deliver();
    expect(room.tasks.answers).toEqual([expect.objectContaining({ token: CANARY })]);

    const objects = new InMemoryObjectStore();
    const { object } = room.version().artifact;
    await objects.put(object, ARTIFACT, 'application/gzip');
    const authorize = authorizeDeployment({
      lineage: room.lineage,
      approvals: room.approvals,
      objects,
      audit: new InMemoryAuditTrail(),
      lease: room.lineage,
      rollbacks: new InMemoryRollbackStore(room.lineage),
      readDefinition: async () => room.definition,
      config: CONFIG,
      prefix: 'launchway-local',
      accountId: ACCOUNT,
      approvedBucket: object.bucket,
      capturesBucket: 'captures',
    });
    room.lineage.models.set('flight-delays', modelRow());
    expect(await authorize({ model: 'flight-delays', release: 14 })).toMatchObject({ digest: room.request().digest });
  });

  it('is still one vote per person, void after a change, reminded of, and can expire', async () => {
    const { room, links } = await takenOver();
    expect((await room.decide(links.ada!, { decision: 'reject', reason: 'x' })).statusCode).toBe(409);
    room.clock.advance(13 * 3_600_000);
    await room.remind();
    expect(room.problems).toEqual([]);
    room.lineage.versions.set('flight-delays/7', { ...room.version(), image: 'another' });
    expect((await room.http('GET', links.ben!)).statusCode).toBe(409);
    const late = await takenOver();
    late.room.clock.advance(24 * 3_600_000);
    await late.room.expire();
    expect(late.room.request().status).toBe('Expired');
  });
});
