import { expect, it } from '@jest/globals';
import { LabelLookup } from '../../../domain/quality/label-lookup.ts';
import { LabelReader } from '../../../domain/quality/label-reader.ts';
import { truthReader, truthText } from '../../../domain/quality/truth-reader.ts';

const problem = { type: 'binary-classification', positiveClass: 'yes' } as const;
const TARGETS = ['yes', 'no'];

function labels(
  uploadedAt: string,
  rows: readonly (readonly [id: string, label: string, at?: string, row?: string])[],
) {
  const reader = new LabelReader(truthReader(problem, TARGETS), new Date(uploadedAt), []);
  rows.forEach(([id, label, labelledAt, row], i) => {
    reader.add({ id, label, labelledAt, row, attributes: [], where: `line ${i}` });
  });
  return reader.finish().labels;
}

it('finds the newest label of a prediction, by when it was labelled, uploaded, and its place', () => {
  const late = labels('2026-02-03T00:00:00Z', [
    ['a', 'yes'],
    ['b', 'yes', '2026-01-01T00:00:00Z'],
    ['d', 'no'],
    ['d', 'yes'],
  ]);
  const early = labels('2026-02-02T00:00:00Z', [
    ['a', 'no'],
    ['b', 'no'],
    ['c', 'no', undefined, '2'],
  ]);
  for (const sets of [
    [early, late],
    [late, early],
  ]) {
    const lookup = new LabelLookup(sets);
    const text = truthText(problem, TARGETS);
    const of = (inferenceId: string | undefined, eventId: string, row = 0) => {
      const truth = lookup.find({ inferenceId, eventId }, row);
      return truth === undefined ? undefined : text(truth);
    };
    expect(of('a', 'e')).toBe('yes');
    expect(of('b', 'e')).toBe('no');
    expect(of('c', 'e')).toBeUndefined();
    expect(of('c', 'e', 2)).toBe('no');
    expect(of('d', 'e')).toBe('yes');
    expect(of(undefined, 'a')).toBe('yes');
    expect(of('unknown', 'unknown')).toBeUndefined();
  }
});

it('calls outcomes by the name that they have in the data', () => {
  expect([0, 1].map(truthText(problem, TARGETS))).toEqual(['no', 'yes']);
  expect([0, 1].map(truthText(problem, ['yes', 'no', 'maybe']))).toEqual(['not yes', 'yes']);
  expect([0, 2].map(truthText({ type: 'multiclass-classification', classes: ['a', 'b', 'c'] }, []))).toEqual([
    'a',
    'c',
  ]);
  expect(truthText({ type: 'regression' }, [])(1.5)).toBe('1.5');
});
