import { expect, it } from '@jest/globals';
import { canonicalJson } from '../../domain/canonical-json.ts';

it('does not depend on the order of keys or on undefined members', () => {
  expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[1,{"d":2}]}');
});

it('refuses what JSON would silently turn into null', () => {
  expect(() => canonicalJson({ auc: Number.NaN })).toThrow('expected a finite number, got NaN');
  expect(() => canonicalJson({ f: () => 1 })).toThrow('expected a JSON value, got function');
});
