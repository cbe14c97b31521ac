import { describe, expect, it } from '@jest/globals';
import { expectFeatures, proposedPolicy } from '../../cli/commands/backtest.ts';
import { emptyCategorical } from '../../domain/drift/profile.ts';

const NOW = {
  ...{ effect: 0.1, falseDiscoveryRate: 0.01, exclude: ['weekday'], thresholds: 'fixed' as const },
  persistence: { windows: 2, of: 3 },
};
const DAYS = { days: '30' };

describe('the rules that a backtest proposes', () => {
  it('are the definition where nothing is said', () => {
    expect(proposedPolicy(NOW, DAYS)).toEqual(NOW);
  });

  it('take what is said instead', () => {
    const options = { ...DAYS, effect: '0.15', fdr: '0.05', persistence: '3/5', exclude: '', thresholds: 'calibrated' };
    expect(proposedPolicy(NOW, options)).toEqual({
      ...{ effect: 0.15, falseDiscoveryRate: 0.05, exclude: [], thresholds: 'calibrated' },
      persistence: { windows: 3, of: 5 },
    });
  });

  it.each([
    [{ effect: 'large' }, '--effect'],
    [{ effect: '' }, '--effect'],
    [{ fdr: '2' }, '--fdr'],
    [{ persistence: '4/3' }, '--persistence'],
    [{ persistence: '0/3' }, '--persistence'],
    [{ thresholds: 'loose' }, '--thresholds'],
  ])('refuse %j', (option, named) => {
    expect(() => proposedPolicy(NOW, { ...DAYS, ...option })).toThrow(`expected ${named}`);
  });

  it('exclude features that there are, the prediction among them, and no others', () => {
    const features = ['hour', 'weekday'].map((name) => ({
      name,
      type: 'categorical' as const,
      profile: emptyCategorical(),
    }));
    expect(() => expectFeatures({ features }, ['weekday', '(prediction)'])).not.toThrow();
    expect(() => expectFeatures({ features }, ['hour', 'week day'])).toThrow(
      'expected features in --exclude, got week day; there are hour, weekday, (prediction)',
    );
  });
});
