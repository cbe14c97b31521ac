import { describe, expect, it } from '@jest/globals';
import { aucStandardError, judgeHoldOut, type MeasuredChampion } from '../../../domain/evaluation/judge-hold-out.ts';
import type { Gate } from '../../../domain/model-definition.ts';

const problem = { type: 'binary-classification' as const, target: 'y', positiveClass: '1', decisionThreshold: 0.5 };
const shape = (rows: number, carriers: Readonly<Record<string, number>> = {}) => ({
  rows,
  classes: new Map([
    ['1', Math.round(rows / 5)],
    ['0', rows - Math.round(rows / 5)],
  ]),
  slices: new Map([['carrier', new Map(Object.entries(carriers))]]),
});
const judge = (gate: Gate, rows: number, champion?: MeasuredChampion, carriers?: Readonly<Record<string, number>>) =>
  judgeHoldOut(
    { problem, validation: { gates: [gate], fairness: [], importanceRows: 0 } },
    shape(rows, carriers),
    champion,
  );
const notWorse = (margin: number): Gate => ({ metric: 'auc', versusChampion: 'notWorse', margin, confidence: 0.95 });
const champion = (evaluation: MeasuredChampion['evaluation'] = {}): MeasuredChampion => ({
  version: 3,
  holdoutRows: 1388,
  evaluation,
});

describe('a hold-out, before anything is trained', () => {
  it('has the standard error of an AUC that theory says: .019 with 1,388 rows of which a fifth are positive', () => {
    expect(aucStandardError(0.7, 278, 1110)).toBeCloseTo(0.019, 3);
  });

  it('refuses a margin of .005 on those rows, says the standard error, and what would resolve it', () => {
    const { refusal } = judge(notWorse(0.005), 1388, champion());
    expect(refusal).toMatchObject({ name: 'MarginNotResolvableError' });
    expect(refusal!.message).toBe(
      'gate auc notWorse asks for a margin of 0.005 at 95 % confidence, which a hold-out of 1,388 rows cannot resolve: ' +
        'the standard error of the difference is about 0.0060 (of an AUC of 0.7), so only 21 % of equal candidates would pass; ' +
        'expected a margin of 0.0098, or 5,400 rows of hold-out',
    );
    expect(judge(notWorse(0.0098), 1388, champion())).toEqual({ findings: [] });
    expect(judge(notWorse(0.005), 5400, champion())).toEqual({ findings: [] });
  });

  it('believes what was measured more than what is assumed', () => {
    const measured = champion({
      standardErrors: { auc: 0.019 },
      comparison: { rows: 1388, standardErrors: { auc: 0.002 } },
    });
    expect(judge(notWorse(0.005), 1388, measured)).toEqual({ findings: [] });
    const { refusal } = judge(notWorse(0.005), 200, measured);
    expect(refusal!.message).toMatch('about 0.0053 (measured when version 3 was compared on 1,388 rows)');
    const own = champion({ standardErrors: { auc: 0.03 } });
    expect(judge(notWorse(0.005), 1388, own).refusal!.message).toMatch("about 0.0095 (estimated from version 3's own)");
  });

  it('tells of it where nothing serves yet: the first version passes unjudged', () => {
    const { findings, refusal } = judge(notWorse(0.005), 1388);
    expect(refusal).toBeUndefined();
    expect(findings).toEqual([
      expect.stringMatching(/^Once a version serves: gate auc notWorse asks for a margin of 0\.005/),
    ]);
  });

  it('says nothing of measures whose error nobody knows', () => {
    expect(judge({ ...notWorse(0.0001), metric: 'f1' }, 1388, champion())).toEqual({ findings: [] });
  });

  const bySlice: Gate = { metric: 'auc', slice: 'carrier', atLeast: 0.5, minRows: 200 };
  it('refuses a slice gate that no value fills: three rows are none', () => {
    const { refusal } = judge(bySlice, 1000, undefined, { AQ: 3, AA: 120 });
    expect(refusal).toMatchObject({
      name: 'SliceTooSmallError',
      details: { slice: 'carrier', minRows: 200, largest: 120 },
    });
    expect(refusal!.message).toMatch(
      'expected a value of carrier with 200 rows in the hold-out, got "AA" with 120 rows as the largest of 2',
    );
  });

  it('tells of values that are too small beside others that are not', () => {
    expect(judge(bySlice, 1000, undefined, { AQ: 3, AA: 500 })).toEqual({
      findings: ['Gate auc by carrier: 1 of 2 values have fewer than 200 rows in the hold-out and are not judged.'],
    });
    expect(judge(bySlice, 1000, undefined, { AA: 500, DL: 500 })).toEqual({ findings: [] });
  });
});
