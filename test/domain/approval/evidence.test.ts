import { describe, expect, it } from '@jest/globals';
import { comparisonOf } from '../../../domain/approval/comparison.ts';
import { compileEvidence, warningsOf } from '../../../domain/approval/evidence.ts';
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

function evidence(change: Partial<Evaluation> = {}, model = modelRow({ champion })) {
  const comparison = comparisonOf(evaluationOf(change));
  return compileEvidence({
    request: approvalRequest(),
    model,
    release: releaseRow(),
    version: versionRow(),
    definition: DEFINITION,
    comparison,
    config: CONFIG,
  });
}

describe('the evidence', () => {
  it.each<[string, Partial<Evaluation>, string]>([
    [
      'better',
      against(0.65),
      'It is better than version 6, which serves now: auc +0.05 on rows that neither was trained on; chance alone moves it by up to 0.0372.',
    ],
    ['worse', against(0.55), 'It is worse than version 6, which serves now: auc −0.05'],
    ['the same', against(0.62), 'It is as good as version 6, which serves now: auc +0.02'],
    ['the same', against(0.6), 'auc +0 on rows that neither was trained on.'],
    [
      'not comparable',
      { notComparable: 'Version 6 reads other features.' },
      'It could not be compared with version 6, which serves now (auc 0.616). Version 6 reads other features.',
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
      'Serving now': 'nothing',
      'If rejected': 'nothing serves',
    });
  });

  it('puts candidate and champion beside each other on the same rows', () => {
    expect(evidence(against(0.65)).metrics).toEqual([
      { metric: 'auc', candidate: '0.65 ± 0.037', champion: '0.6', difference: '+0.05' },
      { metric: 'logLoss', candidate: '0.52', champion: '0.52', difference: '+0' },
    ]);
  });

  it('counts the decisions that change', () => {
    const changedDecisions = { rows: 1_388, changed: 131, toPositive: 74, toNegative: 57 };
    expect(evidence({ changedDecisions }).changes).toEqual([
      '131 of 1,388 decisions change (9.4\u00a0%): 74 become 1, 57 no longer are.',
    ]);
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
