import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelRow } from '../../domain/model.ts';
import type { VersionRow } from '../../domain/version.ts';
import {
  afterDay,
  answerIncident,
  capture,
  DAY_MS,
  type Deployed,
  day,
  deployedModel,
  linkInMail,
  MODEL,
  monitor,
  openPage,
  seasons,
  stormFor,
  stormOn,
} from '../support/monitored-model.ts';

let deployed: Deployed;
beforeEach(async () => {
  deployed = await deployedModel();
});

describe('an incident of a model', () => {
  it('tells nobody again while it is expected, and again after that', async () => {
    await stormFor(deployed, 2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    await answerIncident(deployed, { action: 'expected', until: '2026-02-06', note: 'winter schedule' });
    await stormOn(deployed, 4);
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);

    deployed.clock.advance(3 * DAY_MS);
    await stormOn(deployed, 5);
    expect(deployed.mailer.sent).toHaveLength(2);
    expect(deployed.mailer.sent[1]!.text).toContain('0 of 1 answered incident was real');
  });

  it('is answered by a form, never by opening its link', async () => {
    await stormFor(deployed, 2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    for (const method of ['GET', 'HEAD', 'GET']) expect((await openPage(deployed, method)).statusCode).toBe(200);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open' }]);
    expect([...deployed.monitoring.incidents.values()][0]!.acknowledged).toBeUndefined();

    expect((await openPage(deployed, 'POST', { body: 'action=acknowledge&csrf=forged' })).statusCode).toBe(403);
    expect((await answerIncident(deployed, { action: 'acknowledge', note: 'looking' })).statusCode).toBe(200);
    expect((await answerIncident(deployed, { action: 'acknowledge', note: 'me too' })).statusCode).toBe(409);
    expect((await answerIncident(deployed, { action: 'retrain' })).statusCode).toBe(422);
    expect((await answerIncident(deployed, { action: 'delete', note: 'x' })).statusCode).toBe(422);
    expect(
      (await answerIncident(deployed, { action: 'expected', until: '2036-01-01', note: 'for ever' })).statusCode,
    ).toBe(422);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([
      { status: 'Open', acknowledged: { note: 'looking', by: expect.stringContaining('ops-analytics@example.com') } },
    ]);
  });

  it('asks the governor for a retraining, and shows what it said', async () => {
    await stormFor(deployed, 2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    const refused = await answerIncident(deployed, { action: 'retrain', note: 'new timetable' });
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('Not retrained (no-labelled-rows)');

    const upload = {
      dataset: { bucket: 'intake', key: `models/${MODEL}/data/new.csv`, versionId: 'v9' },
      submitter: { principal: 'AWS:dana', person: 'dana' },
      ...{ sequencer: '9', uploadedAt: deployed.clock.now().toISOString() },
    };
    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, startOn: 'schedule', queued: upload } as ModelRow);
    const started = await answerIncident(deployed, { action: 'retrain', note: 'new timetable' });
    expect([started.statusCode, deployed.started.length]).toEqual([200, 1]);
    expect(started.body).toContain('Release 2 was started');
    expect((await deployed.lineage.getRelease(MODEL, 2)).reason).toMatch(
      /^asked for by reader of the mail to .*: new timetable; drift: origin, destination moved since 2026-02-02 \(incident/,
    );
    expect((await openPage(deployed, 'GET')).body).toContain('retraining started release 2');
  });

  it('rolls back to the version that the reader saw, once, and to no other', async () => {
    await stormFor(deployed, 2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    expect((await openPage(deployed, 'GET')).body).toContain('not possible: no version served before this one');
    const approval = { requestId: 'q', digest: 'd', approvers: ['ada'], at: day(1) };
    const former = {
      ...deployed.lineage.versions.get(`${MODEL}/7`)!,
      version: 6,
      status: 'Retired',
      approval,
    } as VersionRow;
    deployed.lineage.versions.set(`${MODEL}/6`, former);
    await deployed.objects.put(former.artifact.object, 'model', 'application/gzip');
    expect((await openPage(deployed, 'GET')).body).toContain('safe for callers: version 6 served before');

    const form = { action: 'roll-back', note: 'nonsense since the release', to: '6' };
    expect((await answerIncident(deployed, { ...form, from: '5' })).body).toContain('version 7 serves by now, not 5');
    expect((await answerIncident(deployed, { ...form, from: '7', note: '' })).statusCode).toBe(422);
    const done = await answerIncident(deployed, { ...form, from: '7', withdraw: 'yes' });
    expect([done.statusCode, done.body.includes('Rollback 1 to version 6 is under way')]).toEqual([200, true]);
    await answerIncident(deployed, { ...form, from: '7' });
    expect(deployed.rollbacks.started).toEqual([`${MODEL}-rollback-1`]);
    expect([...deployed.rollbacks.rows.values()]).toMatchObject([
      {
        from: 7,
        to: 6,
        withdraw: true,
        incident: `${MODEL}/drift/${day(2)}`,
        requestedBy: { principal: expect.stringMatching(/^reader of the mail/) },
      },
    ]);
  });

  it('takes what is expected as the new baseline, and gives the old one back', async () => {
    await stormFor(deployed, 2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    const window = day(3);
    expect((await openPage(deployed, 'GET')).body).toContain(`<option value="${window}">`);
    const done = await answerIncident(deployed, {
      action: 'expected',
      until: '2026-02-05',
      note: 'winter schedule',
      window,
    });
    expect(done.body).toContain('They are held against the window of 2026-02-03 from now on');
    expect(deployed.monitoring.baselines).toMatchObject([
      { number: 1, features: ['origin', 'destination'], rows: 1_000 },
    ]);
    expect(deployed.monitoring.audit.map(({ type }) => type)).toContain('BaselineChanged');

    for (const number of [4, 5]) {
      await capture(
        deployed,
        day(number).replace('T00', 'T10'),
        seasons.storm.slice((number - 1) * 1_000, number * 1_000),
      );
      expect(await monitor(deployed, afterDay(number))).toEqual(['Stable']);
    }
    const wish = { model: MODEL, version: 7, features: [], by: 'ada', reason: 'winter is over', origin: 'o' };
    expect(await deployed.setBaseline(wish)).toMatchObject({ kind: 'set', row: { number: 2 } });
    expect(await deployed.setBaseline({ ...wish, origin: 'p' })).toMatchObject({ kind: 'refused' });
    await capture(deployed, day(6).replace('T00', 'T10'), seasons.storm.slice(0, 1_000));
    expect(await monitor(deployed, afterDay(6))).toEqual(['Drifted']);
    const approved = deployed.lineage.versions.get(`${MODEL}/7`)!.baseline;
    expect(approved).toMatchObject({ bucket: 'approved', versionId: deployed.baselineVersion });
  });

  it.each([
    ['a window that was never checked', { window: day(9) }, 'there is no checked window'],
    ['a window of too few rows', { window: day(2) }, 'has 400 rows; a baseline needs 1000'],
    ['a feature that the version does not have', { window: day(1), features: ['fuel'] }, 'got fuel'],
    ['no feature', { window: day(1), features: [] }, 'got none'],
  ])('takes no baseline from %s', async (_, change, why) => {
    await capture(deployed, day(1).replace('T00', 'T10'), seasons.quiet);
    await capture(deployed, day(2).replace('T00', 'T10'), seasons.quiet.slice(0, 400));
    await monitor(deployed, afterDay(2));
    const wish = { model: MODEL, version: 7, features: ['origin'], by: 'ada', reason: 'r', origin: 'o', ...change };
    expect(await deployed.setBaseline(wish)).toEqual({ kind: 'refused', why: expect.stringContaining(why) });
  });

  it('refuses a link of another incident, a changed one and an expired one', async () => {
    await stormFor(deployed, 2);
    const link = linkInMail(deployed);
    const other = Buffer.from(`${MODEL}/drift/2026-01-01T00:00:00.000Z`).toString('base64url');
    expect((await openPage(deployed, 'GET', { path: `/incidents/${other}`, search: link.search })).statusCode).toBe(
      403,
    );
    expect((await openPage(deployed, 'GET', { path: link.pathname, search: `${link.search}x` })).statusCode).toBe(403);
    deployed.clock.advance(15 * DAY_MS);
    expect((await openPage(deployed, 'GET')).statusCode).toBe(410);
  });
});
