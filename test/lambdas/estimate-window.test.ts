import { beforeEach, describe, expect, it } from '@jest/globals';
import { SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { CONFIDENCE_BINS, emptyDecisions } from '../../domain/drift/decisions.ts';
import { emptyNumeric } from '../../domain/drift/profile.ts';
import { countBins } from '../../domain/drift/quantile.ts';
import type { ModelDefinition, QualityGate } from '../../domain/model-definition.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { countOutcomes } from '../../domain/quality/estimate.ts';
import { estimateRow } from '../../domain/quality/estimate-finding.ts';
import type { VersionRow } from '../../domain/version.ts';
import { estimateWindow } from '../../lambdas/check-drift/estimate-window.ts';
import { settlingRoom } from '../support/settle-window.ts';

const DAY_MS = 86_400_000;
const RULE = { windows: 2, of: 3 };
const definition = { problem: { type: 'binary-classification', decisionThreshold: 0.5 } } as ModelDefinition;

/** Scores k/1000 that come true as often as they say. */
const EVEN = Array.from({ length: 1_000 }, (_, i) => (i + 0.5) / 1_000);
/** The same model where it can hardly tell: everything near the threshold. */
const UNSURE = EVEN.map((score) => 0.45 + score / 10);

let world: ReturnType<typeof settlingRoom>;

async function version(): Promise<VersionRow> {
  const scores = EVEN.flatMap((score) => [score, score, score, score]);
  const truth = EVEN.flatMap((score) => [0, 1, 2, 3].map((i) => Number(i < Math.round(score * 4))));
  const body = JSON.stringify(countOutcomes(scores, truth, SCORE_EDGES));
  const scoreOutcomes = await world.objects.put(
    { bucket: 'artifacts', key: 'score-outcomes.json' },
    body,
    'application/json',
  );
  return { evaluation: { scoreOutcomes } } as unknown as VersionRow;
}

/** A day's window as a check leaves it, and what settling it says. */
async function day(number: number, scores: readonly number[], gates: readonly QualityGate[] = []): Promise<boolean> {
  const start = new Date(Date.UTC(2026, 1, number)).toISOString();
  const end = new Date(Date.parse(start) + DAY_MS).toISOString();
  const prediction = { ...emptyNumeric(SCORE_EDGES), counts: countBins(SCORE_EDGES, scores) };
  const estimate = (await estimateWindow(world.objects, await version(), definition, { prediction }, start))!;
  const at = { bucket: 'artifacts', key: `${start}.json` };
  const report = await world.objects.put(at, JSON.stringify({ estimate }), 'application/json');
  const window = {
    ...{ model: 'flights', version: 7, start, end, countsFrom: start, checkedAt: end, report },
    estimate: estimateRow(estimate, gates, world.windows, RULE),
  } as unknown as WindowRow;
  world.windows.push(window);
  return world.settle('estimate', window);
}

const incidents = () => world.incidents();

beforeEach(() => {
  world = settlingRoom();
});

describe('estimated quality', () => {
  it('that drops in two windows opens an incident with what it assumes; one that recovers closes it', async () => {
    expect(await day(1, EVEN)).toBe(false);
    expect(world.windows[0]!.estimate!.dropped).toEqual([]);
    expect(await day(2, UNSURE)).toBe(false);
    expect(incidents()).toEqual([]);
    expect(await day(3, UNSURE)).toBe(true);
    expect(incidents()).toMatchObject([
      { detector: 'estimate', status: 'Open', severity: 'mail', features: ['auc'], start: '2026-02-03T00:00:00.000Z' },
    ]);
    const [paragraph, table] = incidents()[0]!.evidence!;
    expect(paragraph).toMatchObject({ kind: 'paragraph', text: expect.stringContaining('Outcomes decide') });
    expect(table).toMatchObject({
      kind: 'table',
      rows: expect.arrayContaining([['auc', ...Array(4).fill(expect.any(String))]]),
    });
    await day(4, EVEN);
    expect(incidents()).toMatchObject([
      { status: 'Closed', closedBecause: 'expected to be as on the hold-out since 2026-02-04' },
    ]);
  });

  it('is held against the bar that somebody set, and by nothing else', async () => {
    const gates = [{ metric: 'accuracy', atLeast: 0.7, minRows: 500 }];
    for (const number of [1, 2]) await day(number, UNSURE, gates);
    expect(incidents()).toMatchObject([{ features: ['auc', 'accuracy'] }]);
    world = settlingRoom();
    for (const number of [1, 2]) await day(number, UNSURE, [{ metric: 'auc', atLeast: 0.4, minRows: 500 }]);
    expect(incidents()).toEqual([]);
  });

  it('of a multiclass model is of its decisions: fewer right ones than on the hold-out are told, with what they are expected to be', async () => {
    const classes = ['on time', 'late', 'cancelled'];
    const problem = { problem: { type: 'multiclass-classification', classes } } as unknown as ModelDefinition;
    const at = (k: number, bin: number) => k * CONFIDENCE_BINS + bin;
    const counted = (...places: (readonly [number, number])[]) => {
      const counts = [...emptyDecisions(3).counts];
      for (const [place, count] of places) counts[place] = count;
      return counts;
    };
    const holdOut = {
      classes: 3,
      rows: counted([at(0, 95), 800], [at(0, 50), 100], [at(1, 60), 100]),
      hits: counted([at(0, 95), 760], [at(0, 50), 50], [at(1, 60), 60]),
      confusion: [810, 60, 30, 30, 60, 10, 0, 0, 0],
    };
    const scoreOutcomes = await world.objects.put({ bucket: 'artifacts', key: 'o' }, JSON.stringify(holdOut), 'json');
    const multiclass = { evaluation: { scoreOutcomes } } as unknown as VersionRow;
    const sure = { classes: 3, counts: counted([at(0, 95), 1_600], [at(1, 60), 200]), undecided: 0 };
    const unsure = { classes: 3, counts: counted([at(0, 50), 900], [at(1, 60), 900]), undecided: 7 };
    for (const [number, decisions] of [
      [1, sure],
      [2, unsure],
      [3, unsure],
    ] as const) {
      const [start, end] = [number, number + 1].map((of) => new Date(Date.UTC(2026, 1, of)).toISOString());
      const estimate = (await estimateWindow(world.objects, multiclass, problem, { decisions }, start!))!;
      const key = { bucket: 'artifacts', key: `${start}.json` };
      const report = await world.objects.put(key, JSON.stringify({ estimate }), 'application/json');
      const window = {
        ...{ model: 'flights', version: 7, start, end, countsFrom: start, checkedAt: end, report },
        estimate: estimateRow(estimate, [], world.windows, RULE),
      } as unknown as WindowRow;
      world.windows.push(window);
      expect(await world.settle('estimate', window)).toBe(number === 3);
    }
    expect(world.windows.map(({ estimate }) => estimate!.dropped)).toEqual([[], ['accuracy'], ['accuracy']]);
    expect(incidents()).toMatchObject([
      { features: ['accuracy'], summary: 'accuracy of version 7 is expected to be lower than on the hold-out' },
    ]);
    const [, measures, facts, shares] = incidents()[0]!.evidence as unknown as { rows: string[][] }[];
    // Half of 900, and six tenths of 900, of 1,800.
    expect(Number(measures!.rows[0]![1])).toBeCloseTo(0.55, 1);
    expect(facts!.rows.map(([name]) => name)).toEqual(['Predictions of', 'Left out']);
    expect(shares).toMatchObject({ kind: 'table', head: ['Class', 'Expected share', 'On the hold-out'] });
    expect(shares!.rows.map(([name]) => name).sort()).toEqual([...classes].sort());

    expect(await estimateWindow(world.objects, multiclass, problem, {}, '2026-02-01')).toBeUndefined();
  });

  it('closes where another version serves, and is not made of what it cannot be', async () => {
    for (const number of [1, 2]) await day(number, UNSURE);
    const next = { ...world.windows[1]!, version: 8, start: '2026-02-03T00:00:00.000Z', estimate: undefined };
    await world.settle('estimate', next as unknown as WindowRow);
    expect(incidents()).toMatchObject([{ status: 'Closed', closedBecause: 'version 8 serves in place of version 7' }]);
    const regression = { problem: { type: 'regression' } } as ModelDefinition;
    const counted = emptyNumeric(SCORE_EDGES);
    expect(
      await estimateWindow(world.objects, await version(), regression, { prediction: counted }, '2026-02-01'),
    ).toBeUndefined();
    const before = { evaluation: {} } as unknown as VersionRow;
    expect(
      await estimateWindow(world.objects, before, definition, { prediction: counted }, '2026-02-01'),
    ).toBeUndefined();
  });
});
