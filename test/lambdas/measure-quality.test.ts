import { beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../domain/evaluation/random.ts';
import { parquetOf } from '../support/parquet-files.ts';
import { QualityRoom } from '../support/quality-room.ts';

/** Predictions of a day with their outcomes: scores tell the more, the greater the skill. */
function day(name: string, count: number, skill: number, seed = 1) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const truth = random() < 0.3 ? 1 : 0;
    const score = Number((random() * (1 - skill) + truth * skill).toFixed(4));
    return { id: `${name}-${i}`, truth, score, carrier: i % 2 === 0 ? 'AA' : 'UA' };
  });
}

type Day = ReturnType<typeof day>;

const captured = (rows: Day) =>
  rows.map(({ id, score }) => ({ inferenceId: id, eventId: `event-${id}`, scores: [score] }));
const csv = (rows: Day) =>
  `flight_id,delayed,carrier\n${rows.map(({ id, truth, carrier }) => `${id},${truth},${carrier}\n`).join('')}`;

/** The share of pairs in the right order, pair by pair. */
function aucOf(rows: Day): number {
  let pairs = 0;
  let right = 0;
  for (const a of rows.filter(({ truth }) => truth === 1)) {
    for (const b of rows.filter(({ truth }) => truth === 0)) {
      pairs += 1;
      right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
    }
  }
  return right / pairs;
}

let room: QualityRoom;
beforeEach(() => {
  room = new QualityRoom();
});

describe('outcomes that are uploaded', () => {
  it('are joined by the caller’s id and measured once they are complete', async () => {
    const rows = day('f', 600, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    const id = await room.label('2026-02-02T08:00:00.000Z', csv(rows.slice(0, 500)));
    expect(await room.measure('2026-02-02T09:15:00Z')).toEqual({ files: 1, matched: 500, evaluated: 0 });
    expect(room.file(id)).toMatchObject({ status: 'Settled', matched: 500, unmatched: 0, tally: { labels: 500 } });

    expect(await room.measure('2026-02-03T23:15:00Z')).toMatchObject({ evaluated: 0 });
    expect(await room.measure('2026-02-04T00:15:00Z')).toMatchObject({ evaluated: 1 });
    const { evaluation } = room.window('2026-02-01');
    expect(evaluation).toMatchObject({ verdict: 'Passed', labelled: 500, predictions: 600, failing: [] });
    expect(evaluation!.metrics.auc).toBeCloseTo(aucOf(rows.slice(0, 500)), 12);
    const report = JSON.parse(await room.objects.readText(evaluation!.document!));
    expect(report).toMatchObject({ coverage: 500 / 600, atValidation: { auc: 0.75 } });
    expect(report.intervals.auc.low).toBeLessThan(report.intervals.auc.value);
    expect(report.value).toEqual(evaluation!.value);
    expect(report).not.toHaveProperty('cost');
    const { slices } = report;
    expect(slices.map(({ value, rows: of }: { value: string; rows: number }) => [value, of])).toEqual([
      ['AA', 250],
      ['UA', 250],
    ]);
    expect(slices[0].metrics.auc).toBeCloseTo(aucOf(rows.slice(0, 500).filter(({ carrier }) => carrier === 'AA')), 12);
    expect(slices[0].intervals.auc).toMatchObject({ value: slices[0].metrics.auc });
    expect(room.mailer.sent).toEqual([]);
    // Hours in which nothing came of it record nothing.
    expect(room.metrics.recorded.map(({ values }) => values)).toEqual([
      { LabelsMatched: 500, WindowsEvaluated: 0 },
      { LabelsMatched: 0, WindowsEvaluated: 1, LabelledShare: (100 * 500) / 600, GatesMissed: 0 },
    ]);
  });

  it('name events where callers give no id, and each row of a request', async () => {
    await room.capture('2026-02-01T10:00:00Z', [
      { eventId: 'e1', scores: [0.1, 0.9, 0.4] },
      { eventId: 'e2', scores: [0.8] },
    ]);
    const truth = (eventId: string, data: string) =>
      JSON.stringify({ groundTruthData: { data, encoding: 'CSV' }, eventMetadata: { eventId }, eventVersion: '0' });
    await room.label('2026-02-02T08:00:00.000Z', `${truth('e1', '0\n1\n0')}\n${truth('e2', '1')}\n`, 'gt.jsonl');
    await room.label('2026-02-02T08:30:00.000Z', 'eventId,row,delayed\ne1,2,1\n');
    expect(await room.measure('2026-02-02T09:15:00Z')).toMatchObject({ matched: 5 });
    await room.measure('2026-02-04T00:15:00Z');
    // Of 1, 0, 1, 1 against 0.9, 0.1, 0.4, 0.8 every pair is in order.
    expect(room.window('2026-02-01').evaluation).toMatchObject({ labelled: 4, metrics: { auc: 1, accuracy: 0.75 } });
    // Two hits, one miss, one rightly left.
    const value = { amount: 10 + 10 - 4 + 1, currency: 'EUR', labelled: 4 };
    expect(room.window('2026-02-01').evaluation).toMatchObject({ value });
  });

  it('are read from Parquet as from CSV', async () => {
    const rows = day('f', 300, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    await room.label('2026-02-02T08:00:00.000Z', await parquetOf(csv(rows)), 'labels.parquet');
    await room.measure('2026-02-04T00:15:00Z');
    expect(room.window('2026-02-01').evaluation).toMatchObject({ labelled: 300 });
    expect(room.window('2026-02-01').evaluation!.metrics.auc).toBeCloseTo(aucOf(rows), 12);
  });

  it('that come late or are corrected change what was measured, the newest counting', async () => {
    const rows = day('f', 400, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    await room.label('2026-02-02T08:00:00.000Z', csv(rows.slice(0, 300)));
    await room.measure('2026-02-04T00:15:00Z');

    const turned = rows.slice(0, 50).map((row) => ({ ...row, truth: 1 - row.truth }));
    const late = await room.label('2026-02-10T08:00:00.000Z', csv([...turned, ...rows.slice(300)]));
    expect(await room.measure('2026-02-10T08:15:00Z')).toEqual({ files: 1, matched: 150, evaluated: 1 });
    expect(room.file(late).effects).toEqual({ new: 100, repeated: 0, corrected: 50, outdated: 0 });
    const now = [...turned, ...rows.slice(50)];
    expect(room.window('2026-02-01').evaluation).toMatchObject({ labelled: 400 });
    expect(room.window('2026-02-01').evaluation!.metrics.auc).toBeCloseTo(aucOf(now), 12);
    expect(room.quality.audit.filter(({ type }) => type === 'QualityMeasured')).toHaveLength(2);

    await room.label('2026-02-11T08:00:00.000Z', csv(now));
    expect(await room.measure('2026-02-11T08:15:00Z')).toMatchObject({ matched: 400, evaluated: 0 });
  });

  it('cost one reading of the captures, however many files they come in', async () => {
    const rows = day('f', 200, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    for (let i = 0; i < 20; i++) {
      const hour = `2026-02-02T${String(i).padStart(2, '0')}`;
      await room.label(`${hour}:05:00.000Z`, csv(rows.slice(i * 10, i * 10 + 10)));
      await room.measure(`${hour}:15:00Z`);
    }
    expect(room.window('2026-02-01').outcomes).toMatchObject({ labelled: 200 });
    expect(room.objects.capturesRead).toHaveLength(1);
  });

  it('that could not be used are counted and told of, and those that name nothing looked for until they are unknown', async () => {
    const rows = day('f', 200, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    const text = `${csv(rows.slice(0, 40))}f-41,maybe,AA\n,1,AA\n${csv(day('g', 10, 0.3))
      .split('\n')
      .slice(1)
      .join('\n')}`;
    const id = await room.label('2026-02-02T08:00:00.000Z', text);
    await room.measure('2026-02-02T08:15:00Z');
    expect(room.file(id)).toMatchObject({
      ...{ status: 'Joined', matched: 40, unmatched: 10 },
      tally: { rows: 52, labels: 50, wrongType: 1, withoutId: 1 },
    });
    expect(room.mailer.sent.map(({ to, subject }) => [to, subject])).toEqual([
      [['owner@example.com', 'dana@example.com'], '[flight-delays] labels: 2 of 52 rows could not be used'],
    ]);
    expect(room.mailer.sent[0]!.text).toContain('line 42: "maybe" is no outcome of this model');

    // What they name is captured on the day they came.
    await room.capture('2026-02-02T10:00:00Z', captured(day('g', 4, 0.3)));
    await room.measure('2026-02-03T00:15:00Z');
    expect(room.file(id)).toMatchObject({ status: 'Joined', matched: 44, unmatched: 6 });
    await room.measure('2026-02-03T10:15:00Z');
    expect(room.file(id)).toMatchObject({ status: 'Settled', matched: 44, unmatched: 6 });
    expect(room.mailer.sent[1]!.subject).toBe(
      '[flight-delays] labels: 6 of 50 outcomes name no prediction that was captured',
    );
    expect(await room.quality.listOpenLabelFiles('flight-delays', room.clock.now())).toEqual([]);
    expect(room.objects.capturesRead).toHaveLength(2);
  });

  it('that cannot be joined yet are told of once they are', async () => {
    const rows = day('f', 50, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    await room.label('2026-02-02T08:00:00.000Z', `${csv(rows)},1,AA\n`);
    const { put } = room.objects;
    room.objects.put = async () => {
      throw new Error('SlowDown');
    };
    for (const hour of ['08', '09'])
      await expect(room.measure(`2026-02-02T${hour}:15:00Z`)).rejects.toThrow('SlowDown');
    expect(room.mailer.sent).toEqual([]);
    room.objects.put = put;
    await room.measure('2026-02-02T10:15:00Z');
    await room.measure('2026-02-02T11:15:00Z');
    expect(room.mailer.sent.map(({ subject }) => subject)).toEqual([
      '[flight-delays] labels: 1 of 51 rows could not be used',
    ]);
  });

  it('in a file that is none are refused, and the others go on', async () => {
    const rows = day('f', 200, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    const bad = await room.label('2026-02-02T08:00:00.000Z', 'a,b\n1,2\n');
    const worse = await room.label('2026-02-02T08:00:01.000Z', 'PAR1', 'labels.parquet');
    await room.label('2026-02-02T08:00:02.000Z', csv(rows));
    expect(await room.measure('2026-02-02T08:15:00Z')).toMatchObject({ files: 3, matched: 200 });
    expect(room.file(bad)).toMatchObject({
      status: 'Refused',
      refusedBecause: /expected a column flight_id/ as unknown,
    });
    expect(room.file(worse)).toMatchObject({ status: 'Refused' });
    expect(room.mailer.sent).toHaveLength(2);
  });

  it('of a version that was replaced within the window are joined to what that version said', async () => {
    await room.capture('2026-02-01T10:00:00Z', captured(day('f', 100, 0.3)));
    await room.capture('2026-02-02T08:00:00Z', captured(day('g', 300, 0.3)), { checked: false });
    await room.release(4, '2026-02-02T12:00:00.000Z');
    await room.capture('2026-02-02T14:00:00Z', captured(day('h', 300, 0.3)), { version: 4 });
    await room.label('2026-02-03T08:00:00.000Z', csv([...day('g', 300, 0.3), ...day('h', 300, 0.3)]));
    expect(await room.measure('2026-02-03T08:15:00Z')).toMatchObject({ matched: 600 });
    await room.measure('2026-02-05T00:15:00Z');
    expect(room.window('2026-02-02', 3).evaluation).toMatchObject({ labelled: 300 });
    expect(room.window('2026-02-02', 4).evaluation).toMatchObject({ labelled: 300 });
  });

  it('are joined once where two occurrences of the schedule are at it', async () => {
    const rows = day('f', 300, 0.3);
    await room.capture('2026-02-01T10:00:00Z', captured(rows));
    await room.label('2026-02-02T08:00:00.000Z', csv(rows));
    const at = '2026-02-04T00:15:00Z';
    await Promise.all([room.measure(at), room.measure(at)]);
    expect(room.window('2026-02-01')).toMatchObject({ outcomes: { labelled: 300 }, evaluation: { labelled: 300 } });
    expect(room.quality.audit.filter(({ type }) => type === 'QualityMeasured')).toHaveLength(1);
  });
});

describe('gates of quality', () => {
  const start = (number: number) => `2026-02-${String(number).padStart(2, '0')}`;

  /** Days one after the other, each labelled the day after. */
  async function live(skills: readonly number[], count = 600): Promise<void> {
    for (const [i, skill] of skills.entries()) {
      const rows = day(`d${i}`, count, skill, i + 1);
      await room.capture(`${start(i + 1)}T10:00:00Z`, captured(rows));
      await room.label(`${start(i + 2)}T08:00:00.000Z`, csv(rows));
      await room.measure(`${start(i + 2)}T08:15:00Z`);
    }
  }

  /** When the labels of the last day are complete. */
  const complete = (days: number) => room.measure(`${start(days + 3)}T00:15:00Z`);

  const incidents = () => [...room.monitoring.incidents.values()];

  it('open an incident once a miss lasts, and close it when it is over', async () => {
    room = new QualityRoom({ quality: [{ metric: 'auc', atLeast: 0.6, minRows: 500 }] });
    await live([0.3, 0.03, 0.03, 0.4]);
    await complete(2);
    expect(room.window('2026-02-01').evaluation).toMatchObject({ verdict: 'Passed' });
    expect(room.window('2026-02-02').evaluation).toMatchObject({ verdict: 'Failed', failing: ['auc'], persistent: [] });
    expect(incidents()).toEqual([]);
    await complete(3);
    expect(incidents()).toMatchObject([{ detector: 'quality', status: 'Open', version: 3, features: ['auc'] }]);
    expect(JSON.stringify(incidents()[0]!.evidence)).toMatch(
      /auc 0\.5\d+ \(0\.\d+ to 0\.\d+\), at least 0\.6 is needed/,
    );

    await complete(4);
    expect(incidents()).toMatchObject([{ status: 'Closed' }]);
  });

  it('open it whether or not the event bus answers, which is told with the next call', async () => {
    room = new QualityRoom({ quality: [{ metric: 'auc', atLeast: 0.6, minRows: 500 }] });
    room.events.isDown = true;
    await live([0.3, 0.03, 0.03]);
    await complete(2);
    await complete(3);
    expect(incidents()).toMatchObject([{ detector: 'quality', status: 'Open' }]);
    expect([room.events.published, room.unheard]).toEqual([[], [expect.any(Error)]]);
    room.events.isDown = false;
    await complete(3);
    expect(room.events.published).toMatchObject([{ type: 'Incident Opened', detail: { detector: 'quality' } }]);
  });

  it('page at once where nobody can doubt it', async () => {
    room = new QualityRoom({ quality: [{ metric: 'auc', atLeast: 0.9, minRows: 500 }] });
    await live([0.05], 2_000);
    await complete(1);
    expect(incidents()).toMatchObject([{ severity: 'page', features: ['auc'] }]);
  });

  it('say that labels are too few, and count windows together until they are enough', async () => {
    room = new QualityRoom({ quality: [{ metric: 'auc', atLeast: 0.55, minRows: 500 }] });
    await live([0.3, 0.3, 0.3], 200);
    await complete(3);
    expect(room.window('2026-02-01').evaluation).toMatchObject({ verdict: 'InsufficientLabels', labelled: 200 });
    expect(room.window('2026-02-02').evaluation).toMatchObject({ verdict: 'InsufficientLabels', labelled: 400 });
    expect(room.window('2026-02-03').evaluation).toMatchObject({
      ...{ verdict: 'Passed', labelled: 600, countsFrom: '2026-02-01T00:00:00.000Z' },
      // Its own: what days before were worth is said of them.
      value: { labelled: 200 },
    });
    await room.capture('2026-02-04T10:00:00Z', captured(day('x', 50, 0.3)));
    await room.measure('2026-02-07T00:15:00Z');
    expect(room.window('2026-02-04').evaluation).toMatchObject({
      ...{ verdict: 'InsufficientLabels', why: '0 labelled predictions; 500 are needed', predictions: 50 },
    });
    expect(room.window('2026-02-04').evaluation).not.toHaveProperty('value');
    expect(room.objects.capturesRead).toHaveLength(3);
  });
});

it('says on the page of a window what its decisions were worth and what serving it cost', async () => {
  const rows = day('f', 600, 0.3);
  await room.capture('2026-02-01T10:00:00Z', captured(rows));
  const key = 'flight-delays/3/2026-02-01T00:00:00.000Z';
  const cost = { usd: 3.072, instances: 1, most: 2, instance: 'ml.m5.large', hours: 24, pricesAsOf: '2026-11' };
  room.monitoring.windows.set(key, { ...room.monitoring.windows.get(key)!, cost });
  await room.label('2026-02-02T08:00:00.000Z', csv(rows.slice(0, 500)));
  await room.measure('2026-02-04T00:15:00Z');
  const { document, value } = room.window('2026-02-01').evaluation!;
  expect(JSON.parse(await room.objects.readText(document!))).toMatchObject({ value, cost });
  const page = await room.objects.readText({
    bucket: document!.bucket,
    key: document!.key.replace('.json', '/report.html'),
  });
  expect(page).toContain(`${value!.amount.toLocaleString('en-US')}.00 EUR of 500 labelled decisions`);
  expect(page).toContain('at least 3.07 USD: ml.m5.large, 24 h; list prices of 2026-11');
  expect(page).toContain('nothing is made of those whose outcome is not known');
});

it('reads nothing of a model that nobody labels and that has no gate', async () => {
  await room.capture('2026-02-01T10:00:00Z', captured(day('f', 100, 0.3)));
  expect(await room.measure('2026-02-10T00:15:00Z')).toEqual({ files: 0, matched: 0, evaluated: 0 });
  expect(room.objects.capturesRead).toEqual([]);
  expect(room.quality.windows.size).toBe(0);
});
