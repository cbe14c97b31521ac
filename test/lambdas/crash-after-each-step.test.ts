import { describe, expect, it } from '@jest/globals';
import { CANARY } from '../support/approval-room.ts';
import { MortalRoom } from '../support/mortal-room.ts';

const HOUR = 3_600_000;

/** A person opens their link again where nothing came back, and sends the form if there still is one. */
const vote = (room: MortalRoom, person: string, choice: string) =>
  room.untilDone(() => room.decide(room.linkFor(person), { decision: choice, reason: 'as discussed' }));

/** The queue delivers what was announced again, and the sweep announces what was not. */
const settle = (room: MortalRoom) =>
  room.untilDone(async () => {
    await room.deliver(...room.decisions.announced.map((requestId) => JSON.stringify({ requestId })));
    const left = await room.approvals.listCallbacks();
    if (left.length > 0) await room.deliver(...left.map(({ requestId }) => JSON.stringify({ requestId })));
  });

/** One that was thrown away with its process had another id. */
const first = (room: MortalRoom) => [...room.approvals.requests.values()][0]!;
const count = (room: MortalRoom, type: string) => room.approvals.audit.filter((one) => one.type === type).length;
const delivered = (room: MortalRoom) => count(room, 'DecisionDelivered') + count(room, 'DecisionFoundNoTask');

interface Story {
  readonly name: string;
  readonly tell: (room: MortalRoom) => Promise<void>;
  readonly check: (room: MortalRoom) => void;
}

const STORIES: readonly Story[] = [
  {
    name: 'an approval by two',
    tell: async (room) => {
      await room.untilDone(() => room.ask());
      await vote(room, 'ada', 'approve');
      await vote(room, 'ben', 'approve');
      await settle(room);
    },
    check: (room) => {
      expect(first(room).status).toBe('Approved');
      expect(room.version()).toMatchObject({ status: 'Approved', approval: { approvers: ['ada', 'ben'] } });
      expect([...room.approvals.votes.values()].map(({ person }) => person)).toEqual(['ada', 'ben']);
      expect(room.tasks.answers).toEqual([
        { token: CANARY, output: { requestId: first(room).requestId, decision: 'Approved' } },
      ]);
      expect([count(room, 'ApprovalRequested'), count(room, 'VoteRecorded'), count(room, 'DecisionRecorded')]).toEqual([
        1, 1, 1,
      ]);
      expect(delivered(room)).toBe(1);
    },
  },
  {
    name: 'a rejection',
    tell: async (room) => {
      await room.untilDone(() => room.ask());
      await vote(room, 'abe', 'reject');
      await settle(room);
    },
    check: (room) => {
      expect([first(room).status, room.version().status]).toEqual(['Rejected', 'Rejected']);
      expect(room.tasks.answers.map(({ output }) => output)).toEqual([
        expect.objectContaining({ decision: 'Rejected' }),
      ]);
      expect([count(room, 'DecisionRecorded'), delivered(room)]).toEqual([1, 1]);
    },
  },
  {
    name: 'a withdrawal by who submitted',
    tell: async (room) => {
      await room.untilDone(() => room.ask());
      await room.untilDone(() => room.decide(room.linkFor('dana'), { act: 'withdraw', text: 'wrong file' }));
      await settle(room);
    },
    check: (room) => {
      expect(first(room)).toMatchObject({ status: 'Withdrawn', withdrawn: { by: 'dana' } });
      expect(room.tasks.answers.map(({ output }) => output)).toEqual([
        expect.objectContaining({ decision: 'Withdrawn' }),
      ]);
      expect([count(room, 'ApprovalWithdrawn'), delivered(room)]).toEqual([1, 1]);
    },
  },
  {
    name: 'a newer release that takes the place of an older one',
    tell: async (room) => {
      await room.untilDone(() => room.ask());
      room.addRelease(15, 8);
      await room.untilDone(() => room.ask(15, 'newer-token'));
      await settle(room);
    },
    check: (room) => {
      const requests = [...room.approvals.requests.values()];
      expect(requests.map(({ release, status }) => [release, status])).toEqual([
        [14, 'Superseded'],
        [15, 'Pending'],
      ]);
      expect(room.tasks.answers).toEqual([
        { token: CANARY, output: { requestId: requests[0]!.requestId, decision: 'Superseded' } },
      ]);
      expect([count(room, 'ApprovalRequested'), delivered(room)]).toEqual([2, 1]);
      expect(room.linkFor('ada')).toContain(requests[1]!.requestId);
    },
  },
  {
    name: 'silence, after one of two',
    tell: async (room) => {
      await room.untilDone(() => room.ask());
      await vote(room, 'ada', 'approve');
      room.clock.advance(24 * HOUR);
      await room.untilDone(() => room.expire());
      await settle(room);
    },
    check: (room) => {
      expect([first(room).status, room.version().status]).toEqual(['Expired', 'Validated']);
      expect(room.tasks.answers).toEqual([]);
      expect([count(room, 'ApprovalExpired'), count(room, 'VoteRecorded')]).toEqual([1, 1]);
    },
  },
];

async function run({ tell, check }: Story, diesAfter?: number): Promise<number> {
  const room = new MortalRoom(diesAfter);
  await tell(room);
  try {
    check(room);
    expect([...room.approvals.outbox.keys()]).toEqual([]);
    const mailed = new Set(room.mailer.sent.flatMap(({ to }) => to));
    for (const person of ['abe', 'ada', 'ben']) expect(mailed).toContain(`${person}@example.com`);
  } catch (error) {
    throw new Error(`where it died after step ${diesAfter}`, { cause: error });
  }
  return room.done;
}

describe('A6: a process that dies once, after anything that it does', () => {
  it.each(STORIES.map((story) => [story.name, story] as const))('loses and doubles nothing of %s', async (_, story) => {
    const steps = await run(story);
    expect(steps).toBeGreaterThan(20);
    for (let at = 1; at <= steps; at++) await run(story, at);
  });
});
