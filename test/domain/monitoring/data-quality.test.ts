import { describe, expect, it } from '@jest/globals';
import { emptyTally } from '../../../domain/capture/capture-layout.ts';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { ALL_ROWS, breaksOf, dataRow } from '../../../domain/monitoring/data-quality.ts';

type Row = readonly [amount: number | string | null, code: string | null];

/** Amounts 0 … 100; a tenth of codes is missing, the others are five and, once in 200 rows, something written by hand. */
function rows(count: number, seed: number): Row[] {
  const random = seededRandom(seed);
  const code = () => (random() < 0.005 ? `free ${random()}` : 'abcde'[Math.floor(random() * 5)]!);
  return Array.from({ length: count }, () => [random() * 100, random() < 0.1 ? null : code()]);
}

const builder = new BaselineBuilder([
  { name: 'amount', type: 'numeric' },
  { name: 'code', type: 'categorical' },
]);
for (const row of rows(5_000, 1)) builder.row(row);
const baseline = builder.finish();

function breaks(of: readonly Row[], exclude: readonly string[] = [], unread = {}) {
  const profile = profileOver(baseline);
  for (const row of of) profile.row(row, undefined);
  const tally = emptyTally();
  return breaksOf(
    baseline,
    profile.profile,
    { ...tally, rows: of.length, unread: { ...tally.unread, ...unread } },
    exclude,
  );
}

const usual = rows(1_000, 2);
/** The first rows are others. */
const first = (count: number, change: (row: Row) => Row): Row[] =>
  usual.map((row, i) => (i < count ? change(row) : row));

describe('data quality', () => {
  it('is quiet for what is like training, whatever chance makes of 200 rows', () => {
    const loud = Array.from({ length: 500 }, (_, seed) => breaks(rows(200, 10 + seed)).length).filter((n) => n > 0);
    expect(loud.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['missing', first(40, ([, code]) => [null, code]), 'amount', 0.04, 'no value'],
    ['type', first(15, ([, code]) => ['12,5', code]), 'amount', 0.015, 'values that are no finite numbers'],
    ['type', first(15, ([, code]) => ['inf', code]), 'amount', 0.015, 'values that are no finite numbers'],
    [
      'new-category',
      first(30, ([amount]) => [amount, 'z']),
      'code',
      undefined,
      'values that training never had: "z", "free',
    ],
  ] as const)('finds %s', (rule, window, feature, share, evidence) => {
    expect(breaks(window)).toEqual([
      expect.objectContaining({ feature, rule, evidence: expect.stringContaining(evidence) }),
    ]);
    if (share !== undefined) expect(breaks(window)[0]!.window).toBeCloseTo(share, 12);
  });

  it.each([
    ['below', -1, /reaches -1, below training's least 0\.0/],
    ['above', 250, /reaches 250, above training's greatest 99\.9/],
  ])('finds what lies %s the range, unless the feature moves by itself', (_where, value, evidence) => {
    const window = first(40, ([, code]) => [value, code]);
    expect(breaks(window)).toEqual([
      expect.objectContaining({ feature: 'amount', rule: 'range', evidence: expect.stringMatching(evidence) }),
    ]);
    expect(breaks(window, ['amount'])).toEqual([]);
    expect(
      breaks(
        first(40, ([, code]) => [null, code]),
        ['amount'],
      ),
    ).toMatchObject([{ rule: 'missing' }]);
  });

  it('lets pass what is a little more than in training', () => {
    expect(breaks(first(15, ([, code]) => [null, code]))).toEqual([]);
    expect(breaks(first(5, ([, code]) => ['x', code]))).toEqual([]);
    expect(breaks(first(5, ([, code]) => [-1, code]))).toEqual([]);
    // A tenth is missing anyway: three points more are the weather.
    expect(breaks(first(30, ([amount]) => [amount, null]))).toEqual([]);
  });

  it('finds rows that cannot be read, and says why', () => {
    expect(breaks(usual, [], { 'wrong-field-count': 8, 'not-json': 4 })).toMatchObject([
      {
        feature: ALL_ROWS,
        rule: 'unreadable-rows',
        window: 12 / 1_012,
        evidence: expect.stringContaining('4 not-json, 8 wrong-field-count'),
      },
    ]);
    expect(breaks(usual, [], { 'torn-line': 2 })).toEqual([]);
  });

  it('persists where it was broken in two of the last three judged windows', () => {
    const broke = (...broken: string[]) => ({ data: { broken, persistent: [] } });
    const amount = [{ feature: 'amount', rule: 'missing' as const, training: 0, window: 1, evidence: '' }];
    const rule = { windows: 2, of: 3 };
    expect(dataRow(amount, [], rule)).toEqual({ broken: ['amount'], persistent: [] });
    expect(dataRow(amount, [broke('amount'), {}, broke('code')], rule).persistent).toEqual(['amount']);
    expect(dataRow(amount, [broke('amount'), broke(), broke()], rule).persistent).toEqual([]);
    expect(dataRow([], [broke('amount'), broke('amount')], rule).persistent).toEqual([]);
    expect(dataRow(amount, [], { windows: 1, of: 1 }).persistent).toEqual(['amount']);
  });
});
