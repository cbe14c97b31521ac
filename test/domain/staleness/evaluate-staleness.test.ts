import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Interval } from '../../../domain/evaluation/intervals.ts';
import { sampleOf } from '../../../domain/evaluation/sample.ts';
import type { Problem } from '../../../domain/model-definition.ts';
import { ageingOf, evaluateStaleness, type ScoredVersion } from '../../../domain/staleness/evaluate-staleness.ts';
import { stalenessInWords, standingInWords } from '../../../domain/staleness/in-words.ts';
import { isMeasured, type MeasuredVersion, type VersionAge } from '../../../domain/staleness/rows.ts';

const problem: Problem = {
  ...{ type: 'binary-classification', target: 'late', positiveClass: '1', decisionThreshold: 0.5 },
};
const AT = '2026-03-01T00:00:00.000Z';
const about = { model: 'flights', id: 'i', at: AT, champion: 7 };
const measuredOn = {
  ...{ rows: 2000, from: '2026-02-18T00:00:00.000Z', until: AT, labelled: 2000, predictions: 2500 },
  ...{ files: 4, filesRead: 4, unread: 0, labelFilesLeftOut: 0 },
};
const daysBefore = (days: number) => new Date(Date.parse(AT) - days * 86_400_000).toISOString();
const age = (version: number, days: number, more: Partial<VersionAge> = {}): VersionAge => ({
  ...{ version, serves: version === 7, learntUntil: daysBefore(days), sameProgram: true },
  ...more,
});

/** Park and Miller's generator: the oracle draws the same numbers. */
function drawn(rows: number) {
  let state = 42;
  const uniform = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const [truth, good, poor] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  for (let i = 0; i < rows; i++) {
    truth[i] = uniform() < 0.3 ? 1 : 0;
    const [a, b] = [uniform(), uniform()];
    good[i] = (0.5 * truth[i]! + a) / 1.5;
    poor[i] = (0.25 * truth[i]! + 0.7 * a + 0.3 * b) / 1.25;
  }
  return { good: sampleOf(truth, good), poor: sampleOf(truth, poor) };
}
const { good, poor } = drawn(2000);

describe('versions on the same rows', () => {
  const versions: ScoredVersion[] = [
    { age: age(7, 12), sample: good },
    { age: age(6, 30), notCompared: { because: 'OtherFeatures', why: 'it reads other features than version 7' } },
    { age: age(5, 61), sample: poor },
  ];
  const report = evaluateStaleness(about, versions, measuredOn, problem, 7);
  const [seven, six, five] = report.versions as [MeasuredVersion, any, MeasuredVersion];

  it('has the measures and differences that scipy has, with DeLong’s standard errors', () => {
    // scipy 1.17.1: mannwhitneyu(positives, negatives).statistic / (614 × 1386); DeLong et al. (1988) for the errors.
    expect(seven.intervals.auc!.value).toBeCloseTo(0.8794247735615813, 12);
    expect(five.intervals.auc!.value).toBeCloseTo(0.7839105339105339, 12);
    expect(Math.abs(seven.intervals.auc!.standardError / 0.007682923608496884 - 1)).toBeLessThan(0.1);
    expect(five.differences!.auc!.value).toBeCloseTo(-0.09551423965104744, 12);
    expect(Math.abs(five.differences!.auc!.standardError / 0.005362935031645501 - 1)).toBeLessThan(0.1);
    expect(five.differences!.auc!.low).toBeCloseTo(-0.10602539924741149, 2);
    expect(five.differences!.auc!.high).toBeCloseTo(-0.08500308005468339, 2);
    // numpy: mean of the rows' differences of squared errors.
    expect(five.differences!.brier!.value).toBeCloseTo(0.04264652697430923, 12);
    expect(seven.differences).toBeUndefined();
  });

  it('says what 49 days cost, and a week of them, as their interval has it', () => {
    expect([seven.ageDays, five.ageDays]).toEqual([12, 61]);
    const { worse, perWeek, ...ageing } = report.ageing!;
    expect(ageing).toEqual({ older: 5, newer: 7, daysApart: 49, verdict: 'Worse' });
    expect(worse).toMatchObject({ value: -five.differences!.auc!.value, low: -five.differences!.auc!.high });
    expect(perWeek!.value).toBeCloseTo(0.09551423965104744 / 7, 12);
    expect(perWeek!.high).toBeCloseTo(worse.high / 7, 12);
    expect(report.inWords).toMatch(
      /^Version 7 serves; its data was uploaded 12 days ago\. On the same 2,000 labelled predictions, version 5, whose data is 49 days older than version 7's, is worse by 0\.0955 auc \(95 %: 0\.08\d\d to 0\.1\d\d\d\), or 0\.0136 a week if it is lost evenly \(0\.01\d\d to 0\.01\d\d\)\. Their program is the same, so what differs is the data they learnt from\.$/,
    );
  });

  it('says why a version is not compared', () => {
    expect(six).toMatchObject({ notCompared: 'OtherFeatures', why: 'it reads other features than version 7' });
    expect(isMeasured(six)).toBe(false);
  });

  it('says that other programs are not age alone', () => {
    const other = [versions[0]!, { age: age(5, 61, { sameProgram: false }), sample: poor }];
    const { inWords } = evaluateStaleness(about, other, measuredOn, problem, 7);
    expect(inWords).toContain('Their programs differ too, so it is not age alone.');
  });

  it('says nothing of age where the one that serves has no scores, or nothing else has', () => {
    const failed = { age: age(7, 12), notCompared: { because: 'NotScored' as const, why: 'disk full' } };
    const alone = evaluateStaleness(about, [failed, { age: age(5, 61), sample: poor }], measuredOn, problem, 7);
    expect(alone.inWords).toBe('Version 7, which serves, could not be measured: disk full. Nothing is said of age.');
    expect(alone.versions[1]).not.toHaveProperty('differences');
    const only = evaluateStaleness(about, [versions[0]!], measuredOn, problem, 7);
    expect(only.inWords).toContain('No other version could be measured, so nothing is said of age.');
    const sameDay = [versions[0]!, { age: age(6, 12.5), sample: poor }];
    expect(evaluateStaleness(about, sameDay, measuredOn, problem, 7).inWords).toContain(
      'uploaded within a day of it, so nothing is said of age',
    );
  });

  it('takes more for worse where a measure is an error', () => {
    const truth = Float64Array.from({ length: 1000 }, (_, i) => i);
    const off = (by: number) =>
      sampleOf(
        truth,
        truth.map((value, i) => value + by * ((i % 7) - 3)),
      );
    const regression: Problem = { type: 'regression', target: 'minutes', decisionThreshold: 0.5 };
    const both = [
      { age: age(7, 12), sample: off(1) },
      { age: age(5, 61), sample: off(2) },
    ];
    const { ageing, metric, inWords } = evaluateStaleness(about, both, measuredOn, regression, 7);
    // Errors of −3 to 3, and twice those; 1,000 = 142 × 7 + 6, so one 3 is missing: √((143 × 28 − 9) / 1000).
    const rmse = Math.sqrt((143 * 28 - 9) / 1000);
    expect([metric, ageing!.verdict]).toEqual(['rmse', 'Worse']);
    expect(ageing!.worse.value).toBeCloseTo(rmse, 12);
    expect(inWords).toContain(`is worse by ${rmse.toFixed(4)} rmse`);
  });

  it('finds no difference between a version and itself', () => {
    const twins = [versions[0]!, { age: age(5, 61), sample: good }];
    const { ageing, inWords } = evaluateStaleness(about, twins, measuredOn, problem, 7);
    expect(ageing).toMatchObject({ verdict: 'NotTold', worse: { value: -0, low: -0, high: -0 } });
    expect(inWords).toContain('cannot be told apart');
  });
});

const interval = fc
  .tuple(fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: 1e-6, max: 0.2, noNaN: true }))
  .map(
    ([value, error]): Interval => ({ value, standardError: error, low: value - 2 * error, high: value + 2 * error }),
  );
const measured = (version: number, days: number, metric: string, difference?: Interval): MeasuredVersion => ({
  ...{ ...age(version, days), ageDays: days },
  intervals: { [metric]: { value: 0.7, standardError: 0.01, low: 0.68, high: 0.72 } },
  ...(difference && { differences: { [metric]: difference } }),
});

describe('the older of two versions', () => {
  it('is worse by the same, whichever of them serves, and whether more or less is better', () => {
    fc.assert(
      fc.property(interval, (difference) => {
        const negated = { ...difference, value: -difference.value, low: -difference.high, high: -difference.low };
        // The older one’s auc − the serving one’s.
        const older = ageingOf([measured(7, 10, 'auc'), measured(5, 40, 'auc', difference)], 'auc')!;
        const newer = ageingOf([measured(7, 40, 'auc'), measured(8, 10, 'auc', negated)], 'auc')!;
        const lower = ageingOf([measured(7, 10, 'rmse'), measured(5, 40, 'rmse', negated)], 'rmse')!;
        expect([older.older, newer.older, lower.older]).toEqual([5, 7, 5]);
        for (const { worse } of [older, newer, lower]) expect(worse).toEqual(negated);
      }),
    );
  });

  it('is the one whose data is furthest from the serving one’s, whatever its scores', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 12, max: 400 }), interval), { minLength: 1 }), (others) => {
        const versions = others.map(([days, difference], i) => measured(i + 10, days, 'auc', difference));
        const ageing = ageingOf([measured(7, 10, 'auc'), ...versions], 'auc')!;
        expect(ageing.daysApart).toBe(Math.max(...others.map(([days]) => days)) - 10);
      }),
    );
  });

  it('is said to be worse or better only where the interval says so', () => {
    fc.assert(
      fc.property(interval, fc.constantFrom('auc', 'rmse'), (difference, metric) => {
        const versions = [measured(7, 10, metric), measured(5, 40, metric, difference)];
        const ageing = ageingOf(versions, metric)!;
        const words = stalenessInWords({
          schema: 'launchway/staleness/v1',
          ...about,
          ...{ metric, seed: 1, measuredOn, versions, ageing },
        });
        const covers0 = difference.low <= 0 && difference.high >= 0;
        const isWorse = metric === 'auc' ? difference.high < 0 : difference.low > 0;
        expect(/is (worse|better) by/.test(words) && !/cannot be told apart/.test(words)).toBe(!covers0);
        expect(/version 5, .*, is worse by/.test(words)).toBe(!covers0 && isWorse);
        expect(/a week if it is lost evenly/.test(words)).toBe(!covers0 && isWorse);
        expect(standingInWords(difference, metric)).toBe(covers0 ? 'not told apart' : isWorse ? 'worse' : 'better');
      }),
    );
  });

  it('has no weekly cost where they are less than a week apart', () => {
    const difference = { value: -0.1, standardError: 0.01, low: -0.12, high: -0.08 };
    const ageing = ageingOf([measured(7, 10, 'auc'), measured(5, 16.9, 'auc', difference)], 'auc')!;
    expect([ageing.verdict, ageing.perWeek]).toEqual(['Worse', undefined]);
  });
});
