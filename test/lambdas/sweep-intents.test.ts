import { describe, expect, it } from '@jest/globals';
import type { StartIntent, WaitingIntent } from '../../domain/admitted-releases.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import { sweepIntents } from '../../lambdas/sweep-intents/sweep-intents.ts';
import { releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const NOTHING = { decisionsRequeued: 0, releasesStarted: 0, rollbacksStarted: 0, waitingAnnounced: 0 };

function sweepOf(room: ApprovalRoom, intents: StartIntent[] = [], waiting: WaitingIntent[] = []) {
  const started: string[] = [];
  const announced: string[] = [];
  const rollbacks = new InMemoryRollbackStore(room.lineage);
  const sweep = sweepIntents({
    approvals: room.approvals,
    decisions: room.decisions,
    lineage: room.lineage,
    admitted: {
      listStartIntents: async () => [...intents],
      clearStartIntent: async ({ release }) => {
        intents.splice(
          intents.findIndex((one) => one.release === release),
          1,
        );
      },
      listWaitingIntents: async () => [...waiting],
      clearWaitingIntent: async (intent) => void waiting.splice(waiting.indexOf(intent), 1),
    },
    intake: { announceWaiting: async (model) => void announced.push(model) },
    executions: { start: async (name) => void started.push(name) },
    rollbacks,
    rollbackExecutions: rollbacks,
    now: room.clock.now,
  });
  return { sweep: () => sweep({}), started, announced, intents, rollbacks };
}

describe('the sweep', () => {
  it('announces a decision whose announcement was lost, once it is not young any more', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    room.decisions.failWith = new Error('queue away');
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    room.decisions.failWith = undefined;
    const { sweep } = sweepOf(room);
    expect(await sweep()).toEqual(NOTHING);
    room.clock.advance(600_000);
    expect(await sweep()).toEqual({ ...NOTHING, decisionsRequeued: 1 });
    await room.deliver();
    expect(room.tasks.answers).toMatchObject([{ output: { requestId, decision: 'Rejected' } }]);
    expect(await sweep()).toEqual(NOTHING);
  });

  it('starts an admitted release that has no execution, under its own name, and forgets the others', async () => {
    const room = new ApprovalRoom();
    room.lineage.releases.set(
      'flight-delays/15',
      releaseRow({ release: 15, status: 'Admitted', executionName: 'own' }),
    );
    const { sweep, started, intents } = sweepOf(room, [
      { model: 'flight-delays', release: 14 },
      { model: 'flight-delays', release: 15 },
    ]);
    expect(await sweep()).toEqual(NOTHING);
    expect(intents).toEqual([{ model: 'flight-delays', release: 15 }]);
    room.clock.advance(600_000);
    expect(await sweep()).toEqual({ ...NOTHING, releasesStarted: 1 });
    expect(started).toEqual(['own']);
  });

  it('starts a rollback that has no execution, and forgets one that has ended', async () => {
    const room = new ApprovalRoom();
    const { sweep, rollbacks } = sweepOf(room);
    const champion = { version: 8, endpointName: 'e', endpointConfigName: 'c', since: 'then' };
    const { activeRelease: _none, ...model } = room.lineage.models.get('flight-delays')!;
    room.lineage.models.set('flight-delays', { ...model, champion });
    const row: RollbackRow = {
      ...{ model: 'flight-delays', rollback: 1, status: 'Requested', from: 8, to: 7, reason: 'r', origin: 'o' },
      ...{ requestedBy: { principal: 'p' }, executionName: 'flight-delays-rollback-1' },
      requestedAt: room.clock.now().toISOString(),
    };
    const audit = { type: 'T', actor: 'a', subject: 's' };
    await rollbacks.request(row, room.lineage.models.get('flight-delays')!, audit);

    expect(await sweep()).toMatchObject({ rollbacksStarted: 0 });
    room.clock.advance(600_000);
    expect(await sweep()).toMatchObject({ rollbacksStarted: 1 });
    expect(rollbacks.started).toEqual(['flight-delays-rollback-1']);

    await rollbacks.end(row, { status: 'Failed', endedAt: 'now' }, audit);
    expect(await sweep()).toMatchObject({ rollbacksStarted: 0 });
    expect(await rollbacks.listIntents()).toEqual([]);
  });

  it('has an upload started that waits for nothing any more, and forgets what does not wait', async () => {
    const room = new ApprovalRoom();
    const waiting = [{ model: 'flight-delays', queuedAt: room.clock.now().toISOString() }];
    const { sweep, announced } = sweepOf(room, [], waiting);
    const { activeRelease, ...free } = room.lineage.models.get('flight-delays')!;
    const dataset = { bucket: 'intake', key: 'models/flight-delays/data/train.csv', versionId: 'v2' };
    const queued = { dataset, submitter: { principal: 'p' }, sequencer: '2', uploadedAt: '2030-01-01T00:00:00.000Z' };
    room.lineage.models.set('flight-delays', { ...free, queued });
    expect(await sweep()).toEqual(NOTHING);
    room.clock.advance(600_000);
    expect(await sweep()).toEqual({ ...NOTHING, waitingAnnounced: 1 });
    expect(announced).toEqual(['flight-delays']);

    room.lineage.models.set('flight-delays', { ...free, queued, activeRelease: activeRelease ?? 14 });
    const active = {
      ...(await room.lineage.getRelease('flight-delays', activeRelease ?? 14)),
      status: 'Training' as const,
    };
    room.lineage.releases.set(`flight-delays/${active.release}`, active);
    expect(await sweep()).toEqual(NOTHING);
    room.lineage.models.set('flight-delays', free);
    expect(await sweep()).toEqual(NOTHING);
    expect(waiting).toEqual([]);
  });
});
