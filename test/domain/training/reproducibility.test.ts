import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { parseLibraryVersions } from '../../../domain/training/library-versions.ts';
import { reproducibilityFindings } from '../../../domain/training/reproducibility.ts';
import type { VersionRow } from '../../../domain/version.ts';
import { definitionText } from '../../support/release-world.ts';

const definition = (hyperparameters: string) =>
  readModelDefinition(
    definitionText((text) => text.replace('delays:1"', `delays:1", hyperparameters: { ${hyperparameters} }`)),
  );
const version = (libraries?: Record<string, string>, image = 'i@sha256:aa') =>
  ({ training: { image }, artifact: { libraries } }) as unknown as VersionRow;

describe('what would have to be guessed to train a version again', () => {
  it('is nothing where image, seed and libraries are recorded', () => {
    expect(reproducibilityFindings(version({ numpy: '2.1.0' }), definition('random_state: 7'))).toEqual([]);
    expect(reproducibilityFindings(version({ numpy: '2.1.0' }), definition('bagging_seed: 7'))).toEqual([]);
  });

  it('is told piece by piece', () => {
    expect(reproducibilityFindings(version(undefined, 'i:1'), definition('seedling: 7'))).toEqual([
      expect.stringContaining('not pinned by a digest: i:1'),
      expect.stringContaining('No seed'),
      expect.stringContaining('no versions.json'),
    ]);
  });

  it('is told in one sentence, elsewhere, of a model that was trained elsewhere', () => {
    const { training: _none, ...brought } = version();
    expect(reproducibilityFindings(brought, definition('n: 1'))).toEqual([]);
  });
});

describe('versions.json', () => {
  it('holds libraries and their versions', () => {
    const libraries = { python: '3.9.18', 'scikit-learn': '1.2.1', '@scope/it': '1.0.0-rc.1+b' };
    expect(parseLibraryVersions(JSON.stringify(libraries))).toEqual(libraries);
  });

  it.each([
    ['too large', undefined],
    ['no JSON', 'numpy==2.1.0'],
    ['a list', '["numpy"]'],
    ['empty', '{}'],
    ['a number', '{ "numpy": 2 }'],
    ['markup', '{ "numpy": "<b>" }'],
    ['a bad name', '{ "num py": "2" }'],
    ['too many', JSON.stringify(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`l${i}`, '1'])))],
  ])('counts as none where it is %s', (_what, text) => {
    expect(parseLibraryVersions(text)).toBeUndefined();
  });
});
