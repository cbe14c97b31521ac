import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { judge } from '../../../domain/drift/verdict.ts';

const FILE = '../shared/data/bank-marketing/bank-additional-full.csv';
const POLICY = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };

/** 41,188 calls of a Portuguese bank, May 2008 to November 2010, in order of time; its macro columns moved meanwhile. */
function bank() {
  const [head, ...rows] = readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(';').map((field) => field.replaceAll('"', '').trim()));
  const columns = head!.slice(0, -1);
  const features = columns.map((name, i) => ({
    name,
    type: /^-?[\d.]+$/.test(rows[0]![i]!) ? ('numeric' as const) : ('categorical' as const),
  }));
  return { features, rows: rows.map((row) => row.slice(0, -1)) };
}

const { features, rows } = existsSync(FILE) ? bank() : { features: [], rows: [] };

function verdict(before: readonly string[][], after: readonly string[][]) {
  const builder = new BaselineBuilder(features);
  for (const row of before) builder.row(row);
  const baseline = builder.finish();
  const current = profileOver(baseline);
  for (const row of after) current.row(row, undefined);
  return judge(
    baseline.features.map((feature) => measureFeature(feature, current.profile.features.get(feature.name)!)),
    POLICY,
  );
}

(existsSync(FILE) ? describe : describe.skip)(`bank marketing (${FILE})`, () => {
  it('is quiet where odd rows are held against even ones', () => {
    const [even, odd] = [0, 1].map((side) => rows.filter((_, i) => i % 2 === side));
    expect(verdict(even!, odd!)).toMatchObject({ verdict: 'Stable' });
  });

  it('has drifted from row 20,000 on: the macro columns first, the loan not', () => {
    const { verdict: model, features: judged } = verdict(rows.slice(0, 20_000), rows.slice(20_000));
    expect(model).toBe('Drifted');
    const of = new Map(judged.map((feature) => [feature.name, feature.verdict]));
    for (const macro of ['euribor3m', 'emp.var.rate', 'nr.employed', 'cons.price.idx']) {
      expect([macro, of.get(macro)]).toEqual([macro, 'Drifted']);
    }
    expect(of.get('loan')).toBe('Stable');
  });
});
