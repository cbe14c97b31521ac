import { describe, expect, it } from '@jest/globals';
import { DEFINITION, releaseRow, versionRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom, CANARY } from '../support/approval-room.ts';

describe('asking for approval', () => {
  it('mails each approver a link of their own, and the submitter none', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    expect(
      room
        .askingMails()
        .map(({ to }) => to[0])
        .sort(),
    ).toEqual(['abe@example.com', 'ada@example.com', 'ben@example.com']);
    const links = ['abe', 'ada', 'ben'].map((person) => room.linkFor(person));
    expect(new Set(links).size).toBe(3);
    for (const link of links) expect(link).toContain(`/approvals/${requestId}?link=`);
    expect(requestId).toMatch(/^r\w{40}$/);
  });

  it('moves the release to AwaitingApproval and records what is asked', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    expect(room.lineage.releases.get('flight-delays/14')).toMatchObject({
      status: 'AwaitingApproval',
      steps: { approval: { requestId } },
    });
    expect(room.request()).toMatchObject({
      status: 'Pending',
      notified: true,
      expiresAt: '2030-01-02T00:00:00.000Z',
      excluded: [{ person: 'dana' }],
    });
    expect(room.approvals.audit.map(({ type }) => type)).toEqual(['ApprovalRequested']);
  });

  it('keeps the token out of the rows, the mails and the audit trail', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const seen = JSON.stringify([
      room.askingMails(),
      [...room.approvals.requests],
      room.approvals.audit,
      room.decisions,
    ]);
    expect(seen).not.toContain('canary');
    expect(await room.vault.open(room.request().requestId, room.request().sealedToken)).toBe(CANARY);
  });

  it('can be judged from the mail alone', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const { subject, text, thread } = room.askingMails()[0]!;
    expect(subject).toBe('[flight-delays] version 7: the first one – may it serve?');
    expect(thread).toBe('release/flight-delays/14');
    expect(
      text
        .split('\n\n')
        .slice(0, 3)
        .map((line) => line.replaceAll('\n', ' ')),
    ).toEqual([
      'It decides for each flight_id whether delayed is 1 (a score of 0.3 or more), from 2 features.',
      'It is the first version, and nothing serves yet. Measured on 1,388 rows that it was not trained on: auc 0.616 (0.579–0.654).',
      'You are asked whether version 7 may serve. Decide by Wed 2 Jan 2030, 00:00 UTC; silence is a no. It needs one person of business and one of model-risk to say yes; one no ends it.',
    ]);
    for (const fact of [
      'auc',
      'at least 0.58',
      'Dana',
      'Wed 2 Jan 2030, 00:00 UTC',
      'there is nothing to restore',
      'origin: 12 rows',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('mails nobody twice when its task is delivered again', async () => {
    const room = new ApprovalRoom();
    const first = await room.ask();
    expect(await room.ask()).toEqual(first);
    expect(room.askingMails()).toHaveLength(3);
    expect(room.approvals.requests.size).toBe(1);
  });

  it('gives the one visible request the token of a redriven task', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    await room.ask(14, 'the new token');
    expect(await room.vault.open(requestId, room.request().sealedToken)).toBe('the new token');
    await room.decide(room.linkFor('ada'), { decision: 'approve' });
    await room.decide(room.linkFor('ben'), { decision: 'approve' });
    await room.deliver();
    expect(room.tasks.answers).toEqual([{ token: 'the new token', output: { requestId, decision: 'Approved' } }]);
  });

  it('answers a redriven task at once where the request is decided', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    await room.deliver();
    await room.ask(14, 'the new token');
    await room.deliver();
    expect(room.tasks.answers.map(({ token }) => token)).toEqual([CANARY, 'the new token']);
    expect(room.tasks.answers[1]!.output).toEqual({ requestId, decision: 'Rejected' });
  });

  it('asks again when a redriven task finds the request expired undecided', async () => {
    const room = new ApprovalRoom();
    await room.ask();
    const old = room.linkFor('ada');
    room.clock.advance(25 * 3_600_000);
    await room.ask(14, 'the new token');
    expect(room.request().expiresAt).toBe('2030-01-03T01:00:00.000Z');
    expect(room.askingMails()).toHaveLength(6);
    expect((await room.http('GET', old)).statusCode).toBe(410);
    expect((await room.decide(room.linkFor('ada'), { decision: 'approve' })).statusCode).toBe(200);
  });

  it('supersedes the pending request of an older release and answers its task', async () => {
    const room = new ApprovalRoom();
    const { requestId } = await room.ask();
    const old = room.linkFor('ada');
    room.addRelease(15, 8);
    await room.ask(15, 'token 15');
    expect(room.request()).toMatchObject({ status: 'Superseded', supersededBy: 15 });
    await room.deliver();
    expect(room.tasks.answers).toEqual([{ token: CANARY, output: { requestId, decision: 'Superseded' } }]);
    expect((await room.http('GET', old)).body).toContain('of this model took the place of this request');
    expect((await room.decide(old, { decision: 'approve' })).statusCode).toBe(403);
  });

  it('never asks about an older release after a newer one', async () => {
    const room = new ApprovalRoom();
    room.addRelease(15, 8);
    const newer = await room.ask(15, 'token 15');
    const older = await room.ask(14);
    expect(room.request(older.requestId)).toMatchObject({ status: 'Superseded', supersededBy: 15 });
    expect(room.request(newer.requestId).status).toBe('Pending');
    expect(room.askingMails()).toHaveLength(3);
    await room.deliver();
    expect(room.tasks.answers).toEqual([
      { token: CANARY, output: { requestId: older.requestId, decision: 'Superseded' } },
    ]);
  });

  it('goes on when one mailbox cannot be reached and the others fill the seats', async () => {
    const room = new ApprovalRoom();
    const send = room.mailer.send.bind(room.mailer);
    room.mailer.send = async (mail) => {
      if (mail.to[0] === 'ben@example.com') throw new Error('address not verified');
      return send(mail);
    };
    await room.ask();
    expect(room.request().notified).toBe(true);
  });

  it('fails loudly when too few can be reached', async () => {
    const room = new ApprovalRoom();
    room.mailer.failWith = new Error('sandbox');
    await expect(room.ask()).rejects.toMatchObject({
      name: 'ApprovalNotPossibleError',
      message: 'expected mail to reach people for 1 of business and 1 of model-risk, got through to 0 of 3: sandbox',
    });
    expect(room.request().notified).toBe(false);
    room.mailer.failWith = undefined;
    await room.ask();
    expect(room.askingMails()).toHaveLength(3);
  });

  it('refuses where four eyes leave too few people', async () => {
    const room = new ApprovalRoom({
      definition: { ...DEFINITION, approval: { require: { business: 2, 'model-risk': 2 }, expiresBusinessHours: 24 } },
    });
    await expect(room.ask()).rejects.toThrow(
      'expected people for 2 of business and 2 of model-risk, got 3 who may decide (dana submitted or edited what is asked about)',
    );
    expect(room.lineage.releases.get('flight-delays/14')!.status).toBe('Validating');
  });

  it('does not ask whoever last edited the definition', async () => {
    const room = new ApprovalRoom();
    const { sha256: definition } = versionRow().definition;
    const edit = (actor: string, details: object) =>
      room.trail.append('flight-delays', {
        type: 'DefinitionChanged',
        actor,
        subject: 'model/flight-delays',
        details: { ...details },
      });
    await edit('ben', { definition });
    await edit('abe', { definition });
    await edit('ada', { definition: 'a later one' });
    await room.ask();
    expect(room.request().approvers.map(({ person }) => person)).toEqual(['ada', 'ben']);
    expect(room.request().excluded.map(({ person }) => person)).toEqual(['abe', 'dana']);
  });

  it('A8: does not ask whose training it is, whoever puts it forward again', async () => {
    const room = new ApprovalRoom();
    const reused = { ...versionRow().training!, reusedFrom: 11 };
    room.lineage.versions.set('flight-delays/7', versionRow({ training: reused }));
    const submitter = { principal: 'arn:aws:iam::000000000000:user/ben', person: 'ben' };
    room.lineage.releases.set('flight-delays/11', releaseRow({ release: 11, submitter }));
    await room.ask();
    expect(room.request().approvers.map(({ person }) => person)).toEqual(['abe', 'ada']);
    expect(room.request().excluded.map(({ person }) => person)).toEqual(['ben', 'dana']);
  });

  it('A8: does not ask who brought a model that was trained elsewhere', async () => {
    const room = new ApprovalRoom();
    const { training: _none, ...brought } = versionRow();
    room.lineage.versions.set('flight-delays/7', brought);
    const artifact = { bucket: 'intake', key: 'models/flight-delays/model.tar.gz', versionId: 'v1' };
    const { inputs } = releaseRow();
    room.lineage.releases.set('flight-delays/14', releaseRow({ inputs: { ...inputs, artifact } }));
    await room.trail.append('flight-delays', {
      type: 'ArtifactChanged',
      actor: 'ben',
      subject: 'model/flight-delays',
      details: { versionId: 'v1' },
    });
    await room.ask();
    expect(room.request().excluded.map(({ person }) => person)).toEqual(['ben', 'dana']);
  });

  it('refuses a release that is not validated, or has no version', async () => {
    const room = new ApprovalRoom();
    room.lineage.releases.set('flight-delays/14', releaseRow({ status: 'Training' }));
    await expect(room.ask()).rejects.toMatchObject({ name: 'UnlawfulTransitionError' });
    const { version: _none, ...unversioned } = releaseRow();
    room.lineage.releases.set('flight-delays/14', unversioned);
    await expect(room.ask()).rejects.toThrow('expected release flight-delays/14 to have a version, got none');
  });

  it('shows hostile names and findings as text: 1,000 of them', async () => {
    const hostile = (i: number) => `<img src=x onerror=alert(${i})>"'\r\nBcc: all@example.com\u202e`;
    const nodes = (part: string) => [...part.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag).join(' ');
    const shapes = new Set<string>();
    for (let i = 0; i < 1_000; i++) {
      const room = new ApprovalRoom();
      const { prepared } = versionRow();
      room.lineage.versions.set('flight-delays/7', versionRow({ prepared: { ...prepared, findings: [hostile(i)] } }));
      room.lineage.releases.set('flight-delays/14', releaseRow({ reason: hostile(i) }));
      await room.ask();
      const { html, subject, text } = room.askingMails()[0]!;
      shapes.add(nodes(html));
      expect(html).not.toContain('<img');
      expect(`${subject}${text}`).not.toMatch(/\r|\u202e/);
    }
    expect(shapes.size).toBe(1);
  });
});
