import { describe, expect, it } from '@jest/globals';
import type { ModelDefinition } from '../../../domain/model-definition.ts';
import type { ReleaseRow } from '../../../domain/release.ts';
import { candidateOf, type KnownVersion, lastServed } from '../../../domain/staleness/choose-versions.ts';
import type { VersionRow } from '../../../domain/version.ts';

const definition = {
  features: [
    { name: 'distance', type: 'numeric' },
    { name: 'origin', type: 'categorical' },
  ],
  problem: { type: 'binary-classification', target: 'late', positiveClass: '1', decisionThreshold: 0.5 },
  training: { image: 'flights:1', hyperparameters: { seed: 7 } },
} as unknown as ModelDefinition;
const rowOf = (version: number, more: Partial<VersionRow> = {}): VersionRow =>
  ({ version, status: 'Retired', image: 'i@sha256:a', dataset: {}, ...more }) as VersionRow;
const known = (
  row: VersionRow,
  changed: Partial<ModelDefinition> = {},
  release: Partial<ReleaseRow> = {},
): KnownVersion => ({
  row,
  definition: { ...definition, ...changed },
  release: {
    inputs: { uploadedAt: '2026-02-01T00:00:00.000Z' },
    admittedAt: '2026-02-03T00:00:00.000Z',
    ...release,
  } as ReleaseRow,
});
const champion = known(rowOf(7, { status: 'Deployed' }));

describe('the last versions', () => {
  const versions = [
    ...[rowOf(1), rowOf(2, { status: 'Refused' }), rowOf(3), rowOf(4, { status: 'Approved' })],
    ...[rowOf(5), rowOf(6, { status: 'Validated' }), rowOf(7, { status: 'Deployed' }), rowOf(8)],
  ];
  const numbers = (most: number, serving = 7) => lastServed(versions, serving, most).map(({ version }) => version);

  it('are the one that serves and the newest that people once let serve, and no others', () => {
    expect(numbers(4)).toEqual([7, 8, 5, 3]);
    expect(numbers(2)).toEqual([7, 8]);
    expect(numbers(9)).toEqual([7, 8, 5, 3, 1]);
  });

  it('have the one that serves among them, however old it is', () => {
    expect(numbers(2, 1)).toEqual([1, 8]);
  });
});

describe('a version beside the one that serves', () => {
  it('cannot have learnt from what was predicted after its data was uploaded', () => {
    expect(candidateOf(known(rowOf(5)), champion).age.learntUntil).toBe('2026-02-01T00:00:00.000Z');
    const ofBefore = known(rowOf(5), {}, { inputs: {} as ReleaseRow['inputs'] });
    expect(candidateOf(ofBefore, champion).age.learntUntil).toBe('2026-02-03T00:00:00.000Z');
  });

  it('that was trained elsewhere may have learnt until it was admitted, and by any program', () => {
    const brought = { training: { ...definition.training, artifact: 'model.tar.gz' } };
    const { age } = candidateOf(known(rowOf(5), brought), known(champion.row, brought));
    expect(age).toMatchObject({ learntUntil: '2026-02-03T00:00:00.000Z', sameProgram: false });
  });

  it('comes from the same program where image, source, settings and features are the same', () => {
    const same = (version: KnownVersion) => candidateOf(version, champion).age.sameProgram;
    expect(same(known(rowOf(5)))).toBe(true);
    expect(same(known(rowOf(5, { image: 'i@sha256:b' })))).toBe(false);
    expect(same(known(rowOf(5, { dataset: { source: { sha256: 'c' } } as VersionRow['dataset'] })))).toBe(false);
    const seeded = { ...definition.training, hyperparameters: { seed: 8 } };
    expect(same(known(rowOf(5), { training: seeded }))).toBe(false);
  });

  it.each<[string, KnownVersion, string, string]>([
    [
      'reads another feature',
      known(rowOf(5), { features: [...definition.features, { name: 'hour', type: 'numeric' }] }),
      ...(['OtherFeatures', 'it reads other features than version 7'] as const),
    ],
    [
      'reads them in another order',
      known(rowOf(5), { features: definition.features.toReversed() }),
      ...(['OtherFeatures', 'it reads other features than version 7'] as const),
    ],
    [
      'answers another question',
      known(rowOf(5), { problem: { ...definition.problem, positiveClass: '0' } }),
      ...(['OtherProblem', 'it answers another question than version 7'] as const),
    ],
    [
      'was withdrawn',
      known(rowOf(5, { withdrawn: { by: 'ada', reason: 'learnt from a leak' } as VersionRow['withdrawn'] })),
      ...(['Withdrawn', 'it was withdrawn by ada: learnt from a leak'] as const),
    ],
    [
      'had its approval taken back',
      known(rowOf(5, { approval: { at: 'x', revoked: { by: 'ada', reason: 'leak' } } as VersionRow['approval'] })),
      ...(['Withdrawn', 'it was withdrawn by ada: leak'] as const),
    ],
  ])('is not compared where it %s', (_, version, because, why) => {
    expect(candidateOf(version, champion).notCompared).toEqual({ because, why });
  });

  it('is compared where only its threshold is another', () => {
    const cut = known(rowOf(5), { problem: { ...definition.problem, decisionThreshold: 0.2 } });
    expect(candidateOf(cut, champion).notCompared).toBeUndefined();
  });
});
