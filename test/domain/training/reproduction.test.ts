import { describe, expect, it } from '@jest/globals';
import type { ReleaseRow } from '../../../domain/release.ts';
import { compareReproduction } from '../../../domain/training/reproduction.ts';

interface Made {
  readonly archive?: string;
  readonly contents?: string;
  readonly metrics?: Record<string, number>;
  readonly dataset?: string;
}

const made = (
  release: number,
  { archive = 'aa', contents, metrics = { auc: 0.61 }, dataset = 'dd' }: Made,
): ReleaseRow =>
  ({
    model: 'm',
    release,
    inputs: { definition: { sha256: 'ff' } },
    steps: {
      dataset: { object: { sha256: dataset } },
      prepared: { holdoutSha256: 'hh' },
      training: { image: 'i@sha256:aa', inputs: 'ii' },
      artifact: { object: { sha256: archive }, contentsSha256: contents },
      evaluation: { metrics, standardErrors: { auc: 0.02 } },
    },
  }) as unknown as ReleaseRow;

describe('a model that is trained again', () => {
  it.each<[string, string, Made, string, string]>([
    ['equal', 'it is the same, byte for byte', {}, 'archive', 'equal'],
    ['equal', 'only its packing differs', { archive: 'bb', contents: 'cc' }, 'contents', 'equal'],
    ['within noise', 'other files measure the same', { archive: 'bb' }, 'no', 'equal'],
    ['within noise', 'it moves by a standard error', { archive: 'bb', metrics: { auc: 0.629 } }, 'no', 'within noise'],
    ['different', 'it moves by more', { archive: 'bb', metrics: { auc: 0.5899 } }, 'no', 'different'],
    ['different', 'it was made of other data', { dataset: 'other' }, 'archive', 'equal'],
  ])('is %s where %s', (verdict, _what, again, isEqual, metric) => {
    const compared = compareReproduction(made(1, { contents: 'cc' }), made(2, again));
    expect(compared).toMatchObject({ verdict, artifact: { isEqual }, metrics: [{ metric: 'auc', verdict: metric }] });
  });

  it('is different where a measure has no known noise, or only one of them has it', () => {
    const first = made(1, { metrics: { auc: 0.61, ks: 0.3 } });
    expect(compareReproduction(first, made(2, { metrics: { auc: 0.61, ks: 0.3001 } })).verdict).toBe('different');
    expect(compareReproduction(first, made(2, { metrics: { auc: 0.61 } })).verdict).toBe('different');
  });

  it('is not compared before it was judged', () => {
    const { artifact: _none, ...steps } = made(2, {}).steps;
    expect(() => compareReproduction(made(1, {}), { ...made(2, {}), steps })).toThrow('expected m/2 to be judged');
  });
});
