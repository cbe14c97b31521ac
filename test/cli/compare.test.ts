import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { describeRelease, type Fact, renderComparison, sideBySide } from '../../cli/compare-releases.ts';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import { definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

/** A release from its upload to its evaluation. */
async function released(rows: number, seed: number): Promise<Fact[]> {
  const text = definitionText((all) => all.replace(':1"', `:1", hyperparameters: { seed: ${seed} }`));
  const world = await new ReleaseWorld().withModel(text);
  await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(rows)));
  await world.train(1);
  await world.sealArtifact({ model: 'flight-delays', release: 1 });
  await world.validate(1, ([distance]) => (Number(distance) * seed) / 10_000);
  const row = await world.ledger.getRelease('flight-delays', 1);
  const document = JSON.parse(await world.objects.readText(row.steps.evaluation!.document)) as Evaluation;
  return describeRelease(row, readModelDefinition(text), document);
}

describe('releases side by side', () => {
  it('mark what differs, with intervals, importance and cost', async () => {
    const rows = sideBySide([await released(1000, 7), await released(1200, 8)]);
    const row = (section: string, name: string) => rows.find((one) => one.section === section && one.name === name)!;
    const texts = (section: string, name: string) => row(section, name).facts.map((fact) => fact?.text);
    expect(texts('parameter', 'seed')).toEqual(['7', '8']);
    expect(texts('data', 'trainRows')).toEqual(['800', '960']);
    expect(row('data', 'trainRows').differs).toBe(true);
    expect(row('release', 'status').differs).toBe(false);
    for (const text of texts('metric', 'auc')) expect(text).toMatch(/^0\.\d+ \(0\.\d+ – 0\.\d+\)$/);
    expect(row('metric', 'auc').facts[0]!.value).toBeGreaterThan(0.5);
    expect(texts('importance', 'distance')[0]).toMatch(/^100 % \(0\.\d+\)$/);
    expect(texts('cost', 'validation')).toEqual(['0.0025 USD', '0.0025 USD']);
    expect(texts('gate', 'auc at least 0.55')).toEqual(['Passed', 'Passed']);

    const lines = renderComparison(['flight-delays/1', 'flight-delays/2'], rows, 100).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines).toContainEqual(expect.stringMatching(/^≠ seed +7 +8$/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^≠ auc +0\.\d+ \(0\.\d+ – 0\.\d+\) +0\.\d+ \(0\.\d+ – 0\.\d+\)$/),
    );
    const headings = lines.filter((line) => /^\w/.test(line));
    expect(headings).toEqual(['release', 'data', 'training', 'parameter', 'metric', 'gate', 'importance', 'cost']);
  });

  it('show what only some of them have', () => {
    const fact = (name: string, text: string): Fact => ({ section: 'parameter', name, text });
    expect(sideBySide([[fact('depth', '6')], [fact('depth', '6'), fact('trees', '9')]])).toEqual([
      { section: 'parameter', name: 'depth', facts: [fact('depth', '6'), fact('depth', '6')], differs: false },
      { section: 'parameter', name: 'trees', facts: [undefined, fact('trees', '9')], differs: true },
    ]);
  });
});
