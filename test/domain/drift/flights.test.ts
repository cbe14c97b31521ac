import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { judge, type ModelVerdict } from '../../../domain/drift/verdict.ts';
import { FLIGHT_FEATURES, flightRow, flightSeasons } from '../../support/flights.ts';

const seasons = flightSeasons();
const POLICY = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: ['weekday'] };

const baseline = (() => {
  const builder = new BaselineBuilder(FLIGHT_FEATURES);
  for (const flight of seasons.training) builder.row(flightRow(flight));
  return builder.finish();
})();

function judgeFlights(rows: readonly (typeof seasons.quiet)[number][]): ModelVerdict {
  const builder = profileOver(baseline);
  for (const flight of rows) builder.row(flightRow(flight), undefined);
  const { profile } = builder;
  return judge(
    baseline.features.map((feature) => measureFeature(feature, profile.features.get(feature.name)!)),
    POLICY,
  );
}

describe('drift of real flights', () => {
  it('stays quiet over the 2,000 flights after the training month', () => {
    expect(judgeFlights(seasons.quiet).verdict).toBe('Stable');
  });

  it('stays quiet over either thousand of them, with 220 origins and a tenth of the rows', () => {
    expect(judgeFlights(seasons.quiet.slice(0, 1_000)).verdict).toBe('Stable');
    expect(judgeFlights(seasons.quiet.slice(1_000)).verdict).toBe('Stable');
  });

  it.each([0, 1_000, 2_000])('names origin first when a storm empties the hubs (from flight %d)', (from) => {
    const { verdict, features } = judgeFlights(seasons.storm.slice(from, from + 1_000));
    expect(verdict).toBe('Drifted');
    expect(features[0]).toMatchObject({ name: 'origin', verdict: 'Drifted' });
    expect(features.filter((feature) => feature.verdict === 'Drifted').map(({ name }) => name)).toEqual([
      'origin',
      'destination',
    ]);
  });

  it('measures an excluded column and judges it not', () => {
    const weekday = judgeFlights(seasons.quiet.slice(0, 1_000)).features.at(-1)!;
    expect(weekday).toMatchObject({ name: 'weekday', excluded: true, verdict: 'Stable' });
    expect(weekday.strength).toBeGreaterThan(1);
  });

  it('says InsufficientData, not Stable, below 200 rows', () => {
    expect(judgeFlights(seasons.quiet.slice(0, 199)).verdict).toBe('InsufficientData');
  });
});
