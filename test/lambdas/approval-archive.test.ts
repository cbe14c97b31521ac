import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ApprovalRoom } from '../support/approval-room.ts';

const keysOf = (room: ApprovalRoom, kind: string) =>
  [...room.archived.keys()].filter((key) => key.includes(`/${kind}-`));

describe('the archive of an approval', () => {
  it('has each mail as it was sent, but for its link', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const mails = keysOf(room, 'mail').map((key) => room.archived.get(key)!);
    expect(mails).toHaveLength(3);
    for (const mail of mails) {
      const { subject, text, html } = JSON.parse(mail) as { subject: string; text: string; html: string };
      expect(subject).toContain('version 7');
      expect(text).toContain('See the evidence and decide:\n[link]');
      expect(html).toContain('href="[link]"');
      expect(mail).not.toContain('?link=');
    }
  });

  it('has the page that was voted on, named by the vote’s audit entry, without form and link', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: 'ok' });
    const [key] = keysOf(room, 'page');
    const page = room.archived.get(key!)!;
    const sha256 = createHash('sha256').update(page).digest('hex');
    expect(key).toBe(`operations/flight-delays/approvals/${room.request().requestId}/page-${sha256}.html`);
    expect(room.approvals.audit.at(-1)).toMatchObject({ type: 'VoteRecorded', details: { page: sha256 } });
    expect(page).toContain('0.616');
    expect(page).not.toMatch(/name="csrf"|\?link=/);
  });

  it('keeps nothing of a vote that does not count', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: '' });
    expect(keysOf(room, 'page')).toEqual([]);
  });
});
