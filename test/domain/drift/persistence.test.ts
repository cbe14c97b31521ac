import { describe, expect, it } from '@jest/globals';
import { type CheckedWindow, closedWindows, firstUnchecked, persistenceOf } from '../../../domain/drift/persistence.ts';

const RULE = { windows: 2, of: 3 };

/** Days in a row: `S` stable, `w` stable with a warning, `-` insufficient, otherwise the letters of what drifted. */
function days(pattern: string): CheckedWindow[] {
  return pattern.split(' ').map((day, i) => ({
    start: new Date(Date.UTC(2026, 1, i + 1)).toISOString(),
    end: new Date(Date.UTC(2026, 1, i + 2)).toISOString(),
    verdict: day === '-' ? 'InsufficientData' : 'Sw'.includes(day) ? 'Stable' : 'Drifted',
    drifted: '-Sw'.includes(day) ? [] : [...day],
    warning: !'-S'.includes(day),
  }));
}

describe('persistence', () => {
  it.each([
    ['S a', []],
    ['S a a', ['a']],
    ['S a S a', ['a']],
    ['S a S S a', []],
    ['S a b', []],
    ['S ab b', ['b']],
    ['S a - - a', ['a']],
    ['S a a S', []],
  ])('of %j is %j', (pattern, persistent) => {
    expect(persistenceOf(days(pattern), RULE).persistent).toEqual(persistent);
  });

  it('says since when', () => {
    expect(persistenceOf(days('S a - a'), RULE).since).toBe('2026-02-02T00:00:00.000Z');
  });

  it.each([
    ['S a a S', false],
    ['S a a S S', true],
    ['S a a S w', false],
    ['S a a S - S', true],
    ['S a a - -', false],
  ])('after %j is over: %s', (pattern, cleared) => {
    expect(persistenceOf(days(pattern), RULE).cleared).toBe(cleared);
  });

  /** As the checks record them: each window with the skew that its own check found. */
  const recorded = (pattern: string): CheckedWindow[] => {
    const history: CheckedWindow[] = [];
    for (const window of days(pattern)) {
      const { skewed } = persistenceOf([...history, window], RULE);
      history.push({ ...window, skewed });
    }
    return history;
  };

  it.each([
    ['a', [], []],
    ['a a', ['a'], []],
    ['- a - a', ['a'], []],
    ['a S a', ['a'], []],
    ['S a a', [], ['a']],
    ['a S S a a', [], ['a']],
    ['ab ab ab', ['a', 'b'], []],
    ['a ab ab', ['a'], ['b']],
    ['a a a a a a', ['a'], []],
    ['a a a S a', ['a'], []],
    ['a a a S S a a', [], ['a']],
  ])('of %j from the deployment on is skew %j and drift %j', (pattern, skewed, persistent) => {
    expect(persistenceOf(recorded(pattern), RULE)).toMatchObject({ skewed, persistent });
  });

  it('of drift is over though skew goes on', () => {
    const history = recorded('a ab ab a a').map((window) => ({ ...window, warning: window.drifted.includes('b') }));
    expect(persistenceOf(history, RULE)).toMatchObject({ skewed: ['a'], cleared: true });
  });

  it('refuses overlapping windows, which would count the same evidence twice', () => {
    const [first] = days('a');
    expect(() => persistenceOf([first!, first!], RULE)).toThrow('expected disjoint windows in order');
  });
});

describe('windows', () => {
  const starts = (...args: Parameters<typeof closedWindows>): string[] =>
    closedWindows(...args).map(({ start }) => start.slice(5, 13));

  it('are aligned to the day of the deployment and close a quarter of an hour late', () => {
    const deployed = '2026-02-01T09:30:00.000Z';
    expect(starts(deployed, 6, undefined, new Date('2026-02-01T18:14:59Z'))).toEqual(['02-01T06']);
    expect(starts(deployed, 6, undefined, new Date('2026-02-01T18:15:00Z'))).toEqual(['02-01T06', '02-01T12']);
    expect(starts(deployed, 6, '2026-02-01T12:00:00.000Z', new Date('2026-02-01T18:15:00Z'))).toEqual(['02-01T12']);
  });

  it('never overlap one that was checked, though a redeployment moved the days', () => {
    expect(firstUnchecked('2026-02-02T01:00:00.000Z', 5, '2026-02-02T02:00:00.000Z')).toBe('2026-02-02T05:00:00.000Z');
  });

  it('are returned a hundred at a time', () => {
    expect(closedWindows('2026-01-01T00:00:00.000Z', 1, undefined, new Date('2026-06-01T00:00:00Z'))).toHaveLength(100);
  });
});
