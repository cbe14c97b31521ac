import { describe, expect, it } from '@jest/globals';
import { comparisonOf } from '../../../domain/approval/comparison.ts';
import { compileEvidence, type EvidenceSources, warningsOf } from '../../../domain/approval/evidence.ts';
import { change, figure } from '../../../domain/approval/measured-words.ts';
import { moment } from '../../../domain/approval/moment.ts';
import type { Evaluation } from '../../../domain/evaluation/evaluate.ts';
import { evaluationReader } from '../../../lambdas/shared/read-evaluation.ts';
import {
  approvalRequest,
  CONFIG,
  DEFINITION,
  evaluationOf,
  modelRow,
  releaseRow,
  versionRow,
} from '../../support/approval-fixtures.ts';
import { InMemoryObjectStore } from '../../support/in-memory.ts';

const champion = { version: 6, endpointName: 'e', endpointConfigName: 'c', since: '2029-11-03T10:00:00.000Z' };
const against = (auc: number, logLoss = 0.52): Partial<Evaluation> => ({
  champion: { version: 6, rows: 1_000, metrics: { auc: 0.6, logLoss: 0.52 }, candidateMetrics: { auc, logLoss } },
});

function evidence(
  change: Partial<Evaluation> = {},
  model = modelRow({ champion }),
  more: Partial<EvidenceSources> = {},
) {
  const comparison = comparisonOf(evaluationOf(change));
  return compileEvidence({
    request: approvalRequest(),
    model,
    release: releaseRow(),
    version: versionRow(),
    definition: DEFINITION,
    comparison,
    config: CONFIG,
    reader: 'ada',
    timeZone: 'UTC',
    votes: [],
    ...more,
  });
}

describe('the evidence', () => {
  it.each<[string, Partial<Evaluation>, string]>([
    [
      'better',
      against(0.65),
      'It is better than version 6, which serves now: auc 0.650 instead of 0.600, on rows that neither was trained on. The difference is +0.050 (95 %: +0.013 to +0.087).',
    ],
    ['worse', against(0.55), 'It is worse than version 6, which serves now: auc 0.550 instead of 0.600'],
    ['the same', against(0.62), 'The difference of +0.020 could be chance alone (95 %: −0.017 to +0.057).'],
    ['the same', against(0.6), 'It is as good as version 6, which serves now: auc 0.600 instead of 0.600'],
    [
      'not comparable',
      { notComparable: 'Version 6 reads other features.' },
      'It could not be compared with version 6, which serves now (auc 0.616 (0.579–0.654)). Version 6 reads other features.',
    ],
  ])('says that a candidate is %s, and by how much', (verdict, change, words) => {
    expect(evidence(change).verdict).toBe(verdict);
    expect(evidence(change).inWords[1]).toContain(words);
  });

  it('knows which way a metric is better', () => {
    const errors = { candidate: { metrics: { logLoss: 0.4 }, standardErrors: { logLoss: 0.001 } } };
    expect(evidence({ ...against(0.6, 0.4), ...errors }).verdict).toBe('better');
    expect(evidence({ ...against(0.6, 0.6), ...errors }).verdict).toBe('worse');
  });

  it('says that nothing serves before a first version', () => {
    expect(evidence({}, modelRow()).verdict).toBe('first version');
    expect(Object.fromEntries(evidence({}, modelRow()).facts)).toMatchObject({
      'If rejected': 'nothing serves, as now',
      Rollback: 'there is nothing to restore: it removes the endpoint',
    });
  });

  it('puts candidate and champion beside each other on the same rows, with what chance makes of the difference', () => {
    const differences = { auc: { value: 0.05, standardError: 0.01, low: 0.03, high: 0.07 } };
    const measured = { ...against(0.65).champion!, differences };
    expect(evidence({ champion: measured }).metrics).toEqual([
      {
        metric: 'auc',
        candidate: '0.650',
        champion: '0.600',
        difference: '+0.050',
        between: '+0.030 to +0.070',
        verdict: 'better',
      },
      { metric: 'logLoss', candidate: '0.520', champion: '0.520', difference: '0.000', verdict: 'the same' },
    ]);
  });

  it('takes the interval of rows that both saw for a difference, not that of the candidate alone', () => {
    const differences = { auc: { value: 0.02, standardError: 0.005, low: 0.01, high: 0.03 } };
    expect(evidence({ champion: { ...against(0.62).champion!, differences } }).verdict).toBe('better');
  });

  it('counts the decisions that change, to what and for whom most', () => {
    const counts = { rows: 1_388, changed: 131, toPositive: 74, toNegative: 57 };
    const segment = (value: string, rows: number, changed: number) => ({
      attribute: 'carrier',
      value,
      rows,
      changed,
      toPositive: changed,
      toNegative: 0,
    });
    const segments = [segment('AA', 100, 40), segment('BB', 200, 30), segment('CC', 500, 20)];
    expect(evidence({ changedDecisions: { ...counts, segments } }).changes).toEqual([
      '131 of 1,388 decisions change (9.4\u00a0%): 74 become delayed = 1, 57 no longer are.',
      'Most for carrier = AA (40 of 100, 40.0\u00a0%) and carrier = BB (30 of 200, 15.0\u00a0%).',
    ]);
    const none = { rows: 10, changed: 0, toPositive: 0, toNegative: 0 };
    expect(evidence({ changedDecisions: none }).changes).toEqual(['No decision changes.']);
    expect(evidence({ changedDecisions: { ...none, rows: 0 } }).changes).toEqual([]);
  });

  it('says which classes become which', () => {
    const definition = { ...DEFINITION, problem: { ...DEFINITION.problem, classes: ['red', 'green', 'blue'] } };
    const moves = [
      { from: 0, to: 2, rows: 12 },
      { from: 1, to: 0, rows: 3 },
    ];
    const changedDecisions = { rows: 100, changed: 15, toPositive: 9, toNegative: 4, moves };
    expect(evidence({ changedDecisions }, undefined, { definition }).changes).toEqual([
      '15 of 100 decisions change (15.0\u00a0%): 9 become right, 4 wrong.',
      'Most often red becomes blue (12) and green becomes red (3).',
    ]);
  });

  it('begins with what the model is for, in its owner’s words, and keeps the technical sentence', () => {
    const description = 'Flags flights that will be late, so that crews can be planned.';
    const described = evidence({}, undefined, { definition: { ...DEFINITION, description } });
    expect(described.inWords[0]).toBe(description);
    expect(Object.fromEntries(described.facts).Technically).toMatch(/^It decides for each flight_id/);
    expect(evidence().inWords[0]).toMatch(/^It decides for each flight_id/);
  });

  it('says who else must agree, who has, and in the reader’s own time until when', () => {
    const vote = { requestId: 'r', choice: 'approve', reason: '', at: '', digest: '', identity: 'link' } as const;
    const facts = (votes: Partial<EvidenceSources>) =>
      evidence({}, undefined, votes)
        .facts.filter(([label]) => label === 'Must agree')
        .map(([, value]) => value);
    expect(facts({})).toEqual(['business: you or Ben', 'model-risk: Abe or you']);
    expect(facts({ votes: [{ ...vote, person: 'ben' }] })).toEqual([
      'business: Ben has approved',
      'model-risk: Abe or you',
    ]);
    const amsterdam = evidence({}, undefined, { timeZone: 'Europe/Amsterdam' });
    expect(amsterdam.inWords[2]).toBe(
      'You are asked whether version 7 may serve. Decide by Wed 2 Jan 2030, 01:00 (Europe/Amsterdam); silence is a no. It needs one person of business and one of model-risk to say yes; one no ends it.',
    );
  });

  it('names the incident that asked for it', () => {
    const incident = 'flight-delays/drift/2029-12-28T00:00:00.000Z';
    const release = releaseRow({ retraining: { kind: 'incident', incident } });
    expect(Object.fromEntries(evidence({}, undefined, { release }).facts).Why).toBe(
      'The incident of drift since Fri 28 Dec 2029 asked for it',
    );
  });

  it('warns of what was not compared, not passed, or can run code', () => {
    const { evaluation, artifact } = versionRow();
    const gate = { ...evaluation!.gates[0]!, verdict: 'NotComparable' as const, why: 'too few rows' };
    const version = versionRow({
      evaluation: { ...evaluation!, gates: [gate] },
      artifact: { ...artifact, findings: ['a pickle'] },
    });
    expect(warningsOf(version, comparisonOf(evaluationOf({ notComparable: 'other features' })))).toEqual([
      'Not compared with what serves: other features',
      'auc: not comparable – too few rows',
      'a pickle',
    ]);
    expect(warningsOf(versionRow(), comparisonOf(evaluationOf()))).toEqual([]);
  });

  it('says moments in words', () => {
    expect(moment('2026-11-24T14:05:59.000Z')).toBe('Tue 24 Nov 2026, 14:05 UTC');
    expect(moment('2026-11-24T23:05:59.000Z', 'Asia/Kolkata')).toBe('Wed 25 Nov 2026, 04:35 (Asia/Kolkata)');
  });
});

describe('figures', () => {
  it('have no exponent, no sign without a value, and places enough to differ', () => {
    expect([0.6163, 42, 1_234.5, 12.345, 0, -0.00004, 0.0003, -0.05].map(figure)).toEqual([
      '0.616',
      '42',
      '1,235',
      '12.35',
      '0.000',
      '−0.00004',
      '0.0003',
      '−0.050',
    ]);
    expect([0.05, 0, -0.05, 1e-9].map(change)).toEqual(['+0.050', '0.000', '−0.050', '0']);
  });
});

describe('reading an evaluation', () => {
  it('takes the document that the row recorded, and no other', async () => {
    const objects = new InMemoryObjectStore();
    const text = JSON.stringify(evaluationOf());
    const { evaluation } = versionRow();
    await objects.put(evaluation!.document, text, 'application/json');
    await expect(evaluationReader(objects)(versionRow())).rejects.toThrow('expected an evaluation with sha256');
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const recorded = versionRow({ evaluation: { ...evaluation!, sha256 } });
    expect(await evaluationReader(objects)(recorded)).toEqual(evaluationOf());
    const { evaluation: _none, ...unevaluated } = versionRow();
    await expect(evaluationReader(objects)(unevaluated)).rejects.toThrow(
      'expected an evaluation of version 7, got none',
    );
  });
});
