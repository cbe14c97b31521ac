import { describe, expect, it } from '@jest/globals';
import type { StartIntent } from '../../domain/admitted-releases.ts';
import { sweepIntents } from '../../lambdas/sweep-intents/sweep-intents.ts';
import { releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

function sweepOf(room: ApprovalRoom, intents: StartIntent[] = []) {
  const started: string[] = [];
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
    },
    executions: { start: async (name) => void started.push(name) },
    now: room.clock.now,
  });
  return { sweep: () => sweep({}), started, intents };
}

describe('the sweep', () => {
  it('announces a decision whose announcement was lost, once it is not young any more', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    room.decisions.failWith = new Error('queue away');
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    room.decisions.failWith = undefined;
    const { sweep } = sweepOf(room);
    expect(await sweep()).toEqual({ decisionsRequeued: 0, releasesStarted: 0 });
    room.clock.advance(600_000);
    expect(await sweep()).toEqual({ decisionsRequeued: 1, releasesStarted: 0 });
    await room.deliver();
    expect(room.tasks.answers).toMatchObject([{ output: { requestId, decision: 'Rejected' } }]);
    expect(await sweep()).toEqual({ decisionsRequeued: 0, releasesStarted: 0 });
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
    expect(await sweep()).toEqual({ decisionsRequeued: 0, releasesStarted: 0 });
    expect(intents).toEqual([{ model: 'flight-delays', release: 15 }]);
    room.clock.advance(600_000);
    expect(await sweep()).toEqual({ decisionsRequeued: 0, releasesStarted: 1 });
    expect(started).toEqual(['own']);
  });
});
