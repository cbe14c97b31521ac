import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineDiff } from '../../../domain/approval/line-diff.ts';

const shown = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => `${kind} ${text}`);

describe('a difference of two definitions', () => {
  it('shows what is gone and new, with two lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\n';
    expect(shown(before, before.replace('e', 'E'))).toEqual([
      'same c',
      'same d',
      'gone e',
      'new E',
      'same f',
      'same g',
    ]);
    expect(shown(`${before}h\ni\nj\n`, `x\n${before}h\ni\nj\n`)).toEqual(['new x', 'same a', 'same b', 'skipped …']);
  });

  it('is empty where nothing changed', () => {
    expect(shown('a\nb\n', 'a\r\nb')).toEqual([]);
  });

  it('holds every line that is not in both, whatever the texts are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before.join('\n'), after.join('\n'));
        const count = (of: string) => lines.filter(({ kind }) => kind === of).length;
        expect(count('new') - count('gone')).toBe(after.length - before.length);
        expect(lines.length === 0).toBe(before.join() === after.join());
      }),
    );
  });
});
