import { expect, it } from '@jest/globals';
import { delegation } from '../../cli/commands/approval-acts.ts';

const NOW = new Date('2026-12-20T12:00:00Z');

it('a delegation begins today unless it says otherwise, and one that is ended says which', () => {
  expect(delegation({ to: 'ben', until: '2027-01-04' }, NOW)).toEqual({
    act: 'delegate',
    to: 'ben',
    from: '2026-12-20',
    until: '2027-01-04',
  });
  expect(delegation({ end: '2026-12-20' }, NOW)).toEqual({ act: 'back', from: '2026-12-20' });
  for (const options of [{}, { to: 'ben' }, { until: '2027-01-04' }, { to: 'ben', until: 'x', end: 'y' }]) {
    expect(() => delegation(options, NOW)).toThrow('expected --to PERSON --until DATE, or --end DATE');
  }
});
