import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Mail } from '../../domain/ports.ts';
import type { QualityRow } from '../../domain/quality/rows.ts';
import { FLIGHT_FEATURES, flightRow } from '../support/flights.ts';
import {
  afterDay,
  capture,
  type Deployed,
  day,
  deployedModel,
  keyOf,
  MODEL,
  monitor,
  PREPARED,
  record,
  seasons,
  stormFor,
} from '../support/monitored-model.ts';

let deployed: Deployed;
beforeEach(async () => {
  deployed = await deployedModel();
});

describe('monitoring a model', () => {
  it('profiles the training rows once and records where', async () => {
    expect(deployed.baseline.rows).toBe(5_000);
    expect(deployed.lineage.releases.get(`${MODEL}/1`)!.steps.baseline).toMatchObject({
      bucket: 'approved',
      key: `${PREPARED}/baseline.json`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('tells nobody while flights are as they were', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 1_000));
    await capture(deployed, '2026-02-02T10:00:00.000Z', seasons.quiet.slice(1_000));

    expect(await monitor(deployed, afterDay(1))).toEqual(['Stable']);
    expect(await monitor(deployed, afterDay(2))).toEqual(['Stable']);
    expect(deployed.mailer.sent).toEqual([]);
  });

  it('tells the owner by mail and operators by topic once when a storm lasts two windows', async () => {
    await stormFor(deployed, 4);

    expect(deployed.mailer.sent).toHaveLength(1);
    const [mail] = deployed.mailer.sent;
    expect(mail!.to).toEqual(['ops-analytics@example.com']);
    expect(mail!.subject).toBe('[flight-delays] drift: origin, destination moved since 2026-02-02');
    expect(mail!.text).toMatch(/origin: what gained and what lost/i);
    expect(mail!.text).toContain('ORD');
    expect(mail!.text).toContain('version 7 on launchway-local-flight-delays');
    expect(deployed.publisher.published).toMatchObject([{ dedupKey: 'flight-delays/drift/2026-02-02T00:00:00.000Z' }]);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open', version: 7 }]);
  });

  it('closes the incident after two quiet windows', async () => {
    await stormFor(deployed, 2);
    await capture(deployed, '2026-02-04T10:00:00.000Z', seasons.quiet.slice(0, 2_000));
    await monitor(deployed, afterDay(4));
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open' }]);

    await capture(deployed, '2026-02-05T10:00:00.000Z', seasons.quiet.slice(0, 2_000));
    await monitor(deployed, afterDay(5));
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([
      { status: 'Closed', closedBecause: '2 windows in a row within their thresholds' },
    ]);
  });

  it('shows drift and quality over time on the page of a check', async () => {
    const evaluation = { metrics: { auc: 0.7 }, failing: [] };
    for (const number of [1, 2]) {
      const row = { model: MODEL, version: 7, start: day(number), end: day(number + 1), revision: 1, evaluation };
      deployed.quality.windows.set(`${MODEL}/7/${day(number)}`, row as unknown as QualityRow);
    }
    await stormFor(deployed, 2);
    const { report } = deployed.monitoring.windows.get(`${MODEL}/7/${day(3)}`)!;
    const page = await deployed.objects.readText({
      bucket: report!.bucket,
      key: report!.key.replace('.json', '/report.html'),
    });
    expect(page).toContain('aria-label="largest effect by window"');
    expect(page).toContain('aria-label="auc by window"');
    expect(page.match(/class="bad"/g)).toHaveLength(2);
    // Ireland's 0.128 USD an hour, for 24.
    expect(page).toContain('Serving cost: at least 3.07 USD: ml.m5.large, 24 h; list prices of');
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  it('records numbers of every checked window, once', async () => {
    await stormFor(deployed, 2);
    await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
    const { recorded } = deployed.metrics;
    const [quiet, , storm] = recorded.map(({ values }) => values);
    expect(recorded.map(({ model, version }) => [model, version])).toEqual(Array(3).fill([MODEL, 7]));
    expect(quiet).toMatchObject({ WindowsChecked: 1, WindowsNotJudged: 0, DriftedFeatures: 0, DriftedShare: 0 });
    const { drifted } = deployed.monitoring.windows.get(`${MODEL}/7/${day(3)}`)!;
    // The weekday is not judged, and nobody knows what was predicted in training.
    expect(storm!.DriftedShare).toBeCloseTo((100 * drifted.length) / (FLIGHT_FEATURES.length - 1), 12);
    expect(storm).toMatchObject({ DriftedFeatures: drifted.length, MissingShare: 0, UnreadRows: 0 });
  });

  it('pages, and ends the page when it is over', async () => {
    await stormFor(deployed, 2);
    for (const number of [4, 5]) {
      await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
      await monitor(deployed, afterDay(number));
    }
    const { published } = deployed.publisher;
    expect(published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
    expect(published[0]!.dedupKey).toBe(published[1]!.dedupKey);
  });

  it('opens with what serves, what changed lately and whether rollback is safe, and says why on what evidence', async () => {
    await stormFor(deployed, 2);
    const [{ text, html }] = deployed.mailer.sent as [Mail];
    expect(text.indexOf('Serving now')).toBeLessThan(text.indexOf('WHAT FLIGHT-DELAYS IS ASKED'));
    expect(text).toContain('not possible: no version served before this one');
    expect(text.replace(/\s+/g, ' ')).toMatch(/cases that are no longer sent: "ORD", "DFW", .* do not occur any more/);
    expect(text).toMatch(/origin, share of rows +training +now +change/);
    expect(html).toMatch(/<td width="\d+%" height="8" bgcolor=/);
    expect(html).not.toContain('<img');
  });

  it('tells of skew, apart from drift, where serving was never like training', async () => {
    for (const number of [1, 2, 3, 4]) {
      const storm = seasons.storm.slice((number - 1) * 1_000, number * 1_000);
      await capture(deployed, day(number).replace('T00', 'T10'), storm);
      await monitor(deployed, afterDay(number));
    }
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ detector: 'skew', status: 'Open' }]);
    expect(deployed.mailer.sent.map(({ subject }) => subject)).toEqual([
      '[flight-delays] skew: origin, destination differ from training since serving began',
    ]);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(4)}`)).toMatchObject({ persistent: [] });
  });

  it('makes one incident, one mail and one release of ten thousand alarms', async () => {
    const upload = {
      dataset: { bucket: 'intake', key: `models/${MODEL}/data/new.csv`, versionId: 'v9' },
      submitter: { principal: 'AWS:dana', person: 'dana' },
      ...{ sequencer: '9', uploadedAt: day(3) },
    };
    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, startOn: 'schedule', queued: upload });
    for (const number of [1, 2, 3]) {
      const flown = number === 1 ? seasons.quiet : seasons.storm.slice((number - 2) * 1_000, (number - 1) * 1_000);
      await capture(deployed, day(number).replace('T00', 'T10'), flown);
      const { version, closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: afterDay(number) });
      for (const windowStart of closedWindows) await deployed.check({ model: MODEL, version, windowStart });
    }
    const alarm = async () => {
      await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
      await deployed.raise({ model: MODEL });
      await deployed.govern({ model: MODEL });
    };
    await Promise.all(Array.from({ length: 10_000 }, alarm));
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.publisher.published).toHaveLength(1);
    expect(deployed.monitoring.incidents.size).toBe(1);
    expect(deployed.started).toHaveLength(1);
    expect((await deployed.lineage.listReleases(MODEL)).filter(({ retraining }) => retraining)).toHaveLength(1);
  });

  it('hands an alert on again until someone was told', async () => {
    deployed.mailer.failWith = new Error('mail is down');
    await expect(stormFor(deployed, 2)).rejects.toThrow('mail is down');
    deployed.mailer.failWith = undefined;

    await monitor(deployed, new Date(Date.parse(afterDay(3)) + 3_600_000).toISOString());
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.monitoring.incidents.size).toBe(1);
  });
});

describe('a schedule that fires', () => {
  it('twice at once checks a window once', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 500));
    const both = await Promise.all([monitor(deployed, afterDay(1)), monitor(deployed, afterDay(1))]);

    expect(both).toEqual([['Stable'], ['Stable']]);
    expect(deployed.monitoring.audit.filter(({ type }) => type === 'DriftChecked')).toHaveLength(1);
    expect(await monitor(deployed, afterDay(1))).toEqual([]);
  });

  it('asks once how the endpoint answered, and not of a version that serves no more', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 500));
    deployed.service.counts = { calls: 50, errors4xx: 0, errors5xx: 0 };
    await monitor(deployed, afterDay(1));
    expect(deployed.service.asked).toEqual(['launchway-local-flight-delays']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ usage: { invocations: 50 } });

    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, champion: { ...model.champion!, version: 8 } });
    await deployed.check({ model: MODEL, version: 7, windowStart: day(2) });
    expect(deployed.service.asked).toHaveLength(1);
    const row = deployed.monitoring.windows.get(`${MODEL}/7/${day(2)}`)!;
    expect([row.usage, row.service, row.cost]).toEqual([undefined, undefined, undefined]);
  });

  it('within the quarter of an hour after a window leaves it for later', async () => {
    const { closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: '2026-02-02T00:14:00Z' });
    expect(closedWindows).toEqual([]);
  });

  it('after days of silence checks every window, oldest first', async () => {
    const { closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: afterDay(3) });
    expect(closedWindows).toEqual([day(1), day(2), day(3)]);
  });

  it('counts an hour anew when a late file arrives, and nothing twice', async () => {
    const hour = '2026-02-01T10:00:00.000Z';
    await capture(deployed, hour, seasons.quiet.slice(0, 100));
    const at = '2026-02-01T11:15:00Z';
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 10 });
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 0 });

    await capture(deployed, hour, seasons.quiet.slice(100, 150), 'late');
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 15 });
    expect([...deployed.monitoring.profiles.values()]).toMatchObject([{ hour, tally: { rows: 150 } }]);
  });

  it('leaves the hour that is still running alone', async () => {
    await capture(deployed, '2026-02-01T11:00:00.000Z', seasons.quiet.slice(0, 100));
    expect(await deployed.profile({ model: MODEL, scheduledTime: '2026-02-01T11:15:00Z' })).toMatchObject({
      records: 0,
    });
  });
});

describe('a window with too little', () => {
  it('is InsufficientData, and lends its rows to the next', async () => {
    // Every sixth flight: 300 in a row are a day and a half, whose hours are not a month's.
    const spread = seasons.quiet.filter((_, i) => i % 6 === 0);
    await capture(deployed, '2026-02-01T10:00:00.000Z', spread.slice(0, 150));
    await capture(deployed, '2026-02-02T10:00:00.000Z', spread.slice(150, 300));

    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(await monitor(deployed, afterDay(2))).toEqual(['Stable']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(2)}`)).toMatchObject({ rows: 300, countsFrom: day(1) });
  });

  it('says so where captures are missing for what was invoked', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.storm.slice(0, 1_000));
    deployed.service.counts = { calls: 200, errors4xx: 0, errors5xx: 0 };
    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ coverage: 0.5, drifted: [] });
  });

  it('ends at once without traffic', async () => {
    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ rows: 0, why: 'no invocation' });
  });
});

it('drops smoke tests and counts them', async () => {
  const row = flightRow(seasons.quiet[0]!).join(',');
  const text = `${record([row], 'launchway-smoke-1')}\n${record([row], 'customer-1')}\n`;
  await deployed.objects.put(
    { bucket: 'captures', key: keyOf('2026-02-01T10:00:00.000Z', 'smoke') },
    text,
    'application/jsonlines',
  );
  await deployed.profile({ model: MODEL, scheduledTime: '2026-02-01T11:15:00Z' });
  expect([...deployed.monitoring.profiles.values()]).toMatchObject([
    { tally: { rows: 1, smokeRecords: 1, records: 2 } },
  ]);
});
