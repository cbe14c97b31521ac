import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { describeRelease, sideBySide } from '../../cli/commands/compare.ts';
import { definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

describe('releases side by side', () => {
  it('mark what differs: data and parameters, not what is alike', async () => {
    const columns: ReadonlyMap<string, string>[] = [];
    for (const [rows, seed] of [
      [1000, 7],
      [1200, 8],
    ] as const) {
      const text = definitionText((all) => all.replace(':1"', `:1", hyperparameters: { seed: ${seed} }`));
      const world = await new ReleaseWorld().withModel(text);
      await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(rows)));
      await world.train(1);
      columns.push(describeRelease(await world.ledger.getRelease('flight-delays', 1), readModelDefinition(text)));
    }
    const table = new Map(sideBySide(columns).map(({ name, values, differs }) => [name, { values, differs }]));
    expect(table.get('parameter.seed')).toEqual({ values: ['7', '8'], differs: true });
    expect(table.get('data.trainRows')).toEqual({ values: ['800', '960'], differs: true });
    expect(table.get('status')?.differs).toBe(false);
  });
});
