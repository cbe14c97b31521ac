import { expect, it } from '@jest/globals';
import { describeQuality } from '../../cli/commands/quality.ts';
import { watchedInWords } from '../../cli/commands/status.ts';
import { worthOf } from '../../cli/worth.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import type { LabelFileRow, QualityRow } from '../../domain/quality/rows.ts';

const WINDOW: QualityRow = {
  ...{ model: 'flight-delays', version: 3, start: '2026-11-01T00:00:00.000Z', end: '2026-11-02T00:00:00.000Z' },
  revision: 4,
  predictions: { ...{ rows: 900, kept: 900, fraction: 1, withoutId: 0 }, withoutScore: 0, repeated: 0, unread: 0 },
  outcomes: { document: { bucket: 'b', key: 'k', versionId: 'v' }, labelled: 850, changes: 850 },
  evaluation: {
    ...{ at: '2026-11-10T00:00:00.000Z', verdict: 'Failed', why: 'auc is surely below 0.6' },
    ...{ countsFrom: '2026-11-01T00:00:00.000Z', labelled: 850, predictions: 900 },
    ...{ metrics: { auc: 0.51234, brier: 0.2 }, failing: ['auc'], persistent: [], changes: 850 },
  },
};
const FILE: LabelFileRow = {
  ...{
    model: 'flight-delays',
    id: 'f',
    object: { bucket: 'b', key: 'models/flight-delays/labels/a.csv', versionId: 'v' },
  },
  submitter: { principal: 'dana', person: 'dana' },
  ...{ uploadedAt: '2026-11-09T00:00:00.000Z', receivedAt: '2026-11-09T00:00:01.000Z', status: 'Joined' },
  tally: {
    ...{
      rows: 870,
      labels: 860,
      repeated: 0,
      corrected: 0,
      withoutId: 4,
      withoutLabel: 3,
      wrongType: 2,
      unreadable: 1,
    },
    ...{ ignoredColumns: [], problems: ['row 12 (line 13): expected delayed to be 0 or 1, got "late"'] },
  },
  matched: 850,
  unmatched: 10,
};
const of = { model: 'flight-delays', version: 3, days: 30, worth: [] };

it('windows say how much is labelled, what was measured and which bar is missed', () => {
  const text = describeQuality({ ...of, windows: [WINDOW], files: [FILE] });
  expect(text).toMatch(
    /2026-11-01T00:00\/2026-11-02T00:00 {2}900 +850 +Failed: auc is surely below 0\.6 +auc 0\.5123 \(misses its bar\), brier 0\.2000/,
  );
  expect(text).toMatch(/models\/flight-delays\/labels\/a\.csv {2}Joined +860 +850 +10 +10/);
  expect(text).toContain('  row 12 (line 13): expected delayed to be 0 or 1, got "late"');
});

it('a window whose labels are not complete is not evaluated, one nobody asked for was not read, and an idle one says so', () => {
  const { evaluation: _, predictions: __, outcomes: ___, ...bare } = WINDOW;
  expect(describeQuality({ ...of, windows: [bare], files: [FILE] })).toMatch(/not read +0 +not evaluated yet/);
  const idle = { ...bare, predictions: { ...WINDOW.predictions!, rows: 0, kept: 0 } };
  expect(describeQuality({ ...of, windows: [idle], files: [FILE] })).toMatch(/ 0 +0 +nothing was predicted/);
});

it('says what each window cost and was worth, and what is not known', () => {
  const cost = { usd: 2.76, instances: 1, most: 2, instance: 'ml.m5.large', hours: 24, pricesAsOf: '2026-11' };
  const checked = {
    start: WINDOW.start,
    end: WINDOW.end,
    usage: { invocations: 900, dropped: false },
    cost,
  } as WindowRow;
  const later = { start: WINDOW.end, end: '2026-11-03T00:00:00.000Z' } as WindowRow;
  const value = { amount: 1_250.5, currency: 'EUR', labelled: 850 };
  const valued = { ...WINDOW, evaluation: { ...WINDOW.evaluation!, value } };
  const text = describeQuality({ ...of, windows: [valued], files: [FILE], worth: worthOf([checked, later], [valued]) });
  expect(text).toMatch(
    /2026-11-01T00:00\/2026-11-02T00:00 +900 +at least 2\.76 USD: ml\.m5\.large, 24 h; list prices of 2026-11 +1,250\.50 EUR of 850 labelled decisions/,
  );
  expect(text).toMatch(/2026-11-02T00:00\/2026-11-03T00:00 +not known +not known +not known/);
  expect(text).not.toContain('business in model.yaml');
  const unvalued = worthOf([checked], [WINDOW]);
  expect(describeQuality({ ...of, windows: [], files: [], worth: unvalued })).toContain('business in model.yaml');
});

it('a model’s status says what its last windows cost and were worth together, and of how many that is known', () => {
  const cost = { usd: 2.76, instances: 1, most: 2, instance: 'ml.m5.large', hours: 24, pricesAsOf: '2026-11' };
  const euros = (amount: number) => ({ amount, currency: 'EUR', labelled: 850 });
  const times = (day: number) => ({ start: `2026-11-0${day}T00:00:00.000Z`, end: `2026-11-0${day + 1}T00:00:00.000Z` });
  const worth = [
    { ...times(1), cost, value: euros(1_250.5) },
    { ...times(2), cost, value: euros(-50.25) },
    { ...times(3), value: { amount: 8, currency: 'USD', labelled: 2 } },
    times(4),
  ];
  const nothing = { incidents: [], retrainings: [], rollbacks: [], staleness: [] };
  expect(watchedInWords({ ...nothing, worth })).toEqual([
    'cost     at least 5.52 USD at list prices, 2 of 4 windows since 2026-11-01',
    'value    1,200.25 EUR of 1,700 labelled decisions, 8.00 USD of 2 labelled decisions, 3 of 4 windows since 2026-11-01',
  ]);
  expect(watchedInWords({ ...nothing, worth: [times(4)] })).toEqual([]);
});

it('where there are no labels it says where to put them', () => {
  expect(describeQuality({ ...of, windows: [], files: [] })).toContain(
    'no labels were uploaded: put CSV, Parquet or .jsonl under models/flight-delays/labels/',
  );
});
