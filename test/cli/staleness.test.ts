import { expect, it } from '@jest/globals';
import { inWords } from '../../cli/commands/staleness.ts';
import { watchedInWords } from '../../cli/commands/status.ts';
import type { Intervals } from '../../domain/evaluation/intervals.ts';
import type { StalenessReport, StalenessRow } from '../../domain/staleness/rows.ts';

const at = '2026-03-01T08:30:00.000Z';
const asked: StalenessRow = {
  ...{ model: 'flights', id: 'i', status: 'Asked', askedAt: at, askedBy: { principal: 'AWS:dana' }, origin: 'o' },
  ...{ executionName: 'x', versions: 5, days: 30 },
};
const intervals = (value: number): Intervals =>
  Object.fromEntries(
    ['auc', 'brier'].map((name) => [name, { value, standardError: 0.01, low: value - 0.02, high: value + 0.02 }]),
  );
const version = (number: number, ageDays: number) => ({
  ...{ version: number, serves: number === 7, ageDays, sameProgram: true },
  ...{ learntUntil: '2026-02-17T08:30:00.000Z', approvedAt: '2026-02-18T08:30:00.000Z' },
});
const report: StalenessReport = {
  schema: 'launchway/staleness/v1',
  ...{ model: 'flights', id: 'i', at, champion: 7, metric: 'auc', seed: 1, costUsd: 0.0213 },
  measuredOn: {
    ...{ rows: 10_000, labelled: 12_345, predictions: 20_000, files: 9, filesRead: 6, unread: 4, labelFilesLeftOut: 1 },
    ...{ from: '2026-02-17T09:00:00.000Z', until: at },
  },
  versions: [
    { ...version(7, 12), intervals: intervals(0.71) },
    { ...version(6, 30), notCompared: 'OtherFeatures', why: 'it reads other features than version 7' },
    { ...version(5, 60.4), intervals: intervals(0.68), differences: intervals(-0.03) },
  ],
  inWords: 'A sentence on age.',
};
const measured: StalenessRow = {
  ...asked,
  status: 'Measured',
  measured: {
    ...{ champion: 7, rows: 10_000, inWords: report.inWords },
    document: { bucket: 'artifacts', key: 'staleness.json', sha256: 's' },
    page: { bucket: 'artifacts', key: 'operations/flights/staleness/i/report.html' },
  },
};

it('shows versions, their age, measure, interval and difference, which rows they are of, and one sentence', () => {
  expect(
    inWords(measured, report),
  ).toBe(`flights, measured 2026-03-01T08:30Z: 10,000 labelled predictions made from 2026-02-17 09:00 UTC to 2026-03-01 08:30 UTC, after the last upload that any of these versions learnt from; a sample of 12,345 by id; 20,000 predictions were read; in 6 of 9 capture files, chosen by their names; 4 lines or rows could not be used; 1 file of labels was left out.

version    data uploaded  approved    age      auc (95 %)                 against v7
v7 serves  2026-02-17     2026-02-18  12 days  0.7100 (0.6900 to 0.7300)
v6         2026-02-17     2026-02-18  30 days  OtherFeatures              it reads other features than version 7
v5         2026-02-17     2026-02-18  60 days  0.6800 (0.6600 to 0.7000)  -0.0300 (-0.0500 to -0.0100) worse

A sentence on age.
its transforms cost 0.02 USD at list price
s3://artifacts/operations/flights/staleness/i/report.html`);
});

it('shows another measure where it is asked for, and says which there are', () => {
  expect(inWords(measured, report, 'brier')).toMatch(/brier \(95 %\)[\s\S]*-0\.0300 \(-0\.0500 to -0\.0100\) better/);
  expect(() => inWords(measured, report, 'rmse')).toThrow('expected --metric as one of auc, brier, got "rmse"');
});

it('says that it is under way, or why nothing was measured', () => {
  expect(inWords(asked, undefined)).toBe('it is under way: launchway staleness flights --last');
  const failed = { ...asked, status: 'Failed' as const, failure: { error: 'E', message: 'expected 200, got 12' } };
  expect(inWords(failed, undefined)).toBe('not measured: expected 200, got 12');
});

it('is repeated by the status of a model: the last one, or why there is none', () => {
  const nothing = { incidents: [], retrainings: [], rollbacks: [], worth: [] };
  expect(watchedInWords({ ...nothing, staleness: [measured] })).toEqual(['age      2026-03-01: A sentence on age.']);
  expect(watchedInWords({ ...nothing, staleness: [asked] })).toEqual(['age      2026-03-01: under way']);
  const failed = { ...asked, status: 'Failed' as const, failure: { error: 'E', message: 'expected 200, got 12' } };
  expect(watchedInWords({ ...nothing, staleness: [failed] })).toEqual([
    'age      2026-03-01: not measured: expected 200, got 12',
  ]);
});
