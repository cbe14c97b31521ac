import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DataBreak } from '../../domain/monitoring/data-quality.ts';
import { dataRow } from '../../domain/monitoring/data-quality.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { settleFinding } from '../../lambdas/shared/settle-finding.ts';
import { settlingRoom } from '../support/settle-window.ts';

const STEP = 'launchway:check-drift';
const broke = (feature: string, share = 0.05): DataBreak => ({
  ...{ feature, rule: 'missing', training: 0, window: share, evidence: 'no value' },
});

const room = () => settlingRoom({ amount: 0.4, code: 0.01 });
let world: ReturnType<typeof room>;

interface Day {
  readonly drifted?: readonly string[];
  readonly persistent?: readonly string[];
  readonly version?: number;
}

/** A day's window as a check leaves it, and what settling it says. */
async function day(
  number: number,
  breaks: readonly DataBreak[],
  { drifted = [], persistent = [], version = 7 }: Day = {},
) {
  const [start, end] = [number, number + 1].map((of) => new Date(Date.UTC(2026, 1, of)).toISOString()) as [
    string,
    string,
  ];
  const at = { bucket: 'artifacts', key: `${start}.json` };
  const report = await world.objects.put(at, JSON.stringify({ broken: breaks }), 'application/json');
  const window = {
    ...{ model: 'flights', version, start, end, countsFrom: start, checkedAt: end, report, rows: 2_000 },
    ...{ drifted, persistent, skewed: [], data: dataRow(breaks, world.windows, { windows: 2, of: 3 }) },
  } as unknown as WindowRow;
  world.windows.push(window);
  if (persistent.length > 0) {
    const found = { severity: 'mail' as const, summary: 's', features: persistent, causes: [] };
    const finding = { ...found, model: 'flights', version, detector: 'drift' as const, start, windowStart: start };
    await settleFinding(world.dependencies, finding, STEP);
  }
  return world.settle('data', window);
}

const incidents = () => world.incidents();

beforeEach(() => {
  world = room();
});

describe('broken data', () => {
  it('opens an incident in the second window, with what was seen, and closes with the first that is whole', async () => {
    expect(await day(1, [broke('amount')])).toBe(false);
    expect(incidents()).toEqual([]);
    expect(await day(2, [broke('amount'), broke('code')])).toBe(true);
    expect(incidents()).toMatchObject([
      { detector: 'data', status: 'Open', severity: 'mail', features: ['amount'], causes: ['missing:amount'] },
    ]);
    expect(incidents()[0]!.evidence![1]).toMatchObject({ rows: [['amount', 'missing', '0.0 %', '5.0 %', 'no value']] });
    await day(3, [broke('amount')]);
    expect(incidents()).toHaveLength(1);
    await day(4, []);
    expect(incidents()).toMatchObject([{ status: 'Closed', closedBecause: 'nothing broken since 2026-02-04' }]);
  });

  it('pages where a busy model rests on what is gone, and waits for the digest where it does not', async () => {
    for (const number of [1, 2]) await day(number, [broke('amount', 1)]);
    expect(incidents()).toMatchObject([{ severity: 'page' }]);
    world = room();
    for (const number of [1, 2]) expect(await day(number, [broke('code', 0.05)])).toBe(false);
    expect(incidents()).toMatchObject([{ severity: 'digest' }]);
  });

  it('is one incident with drift: drift tells of what it has, and ends what was told before', async () => {
    await day(1, [broke('amount')], { drifted: ['amount'] });
    await day(2, [broke('amount')], { drifted: ['amount'], persistent: ['amount'] });
    // Below drift's threshold for a day, while its incident is open.
    await day(3, [broke('amount')]);
    expect(incidents()).toMatchObject([{ detector: 'drift' }]);
    await day(4, [broke('code'), broke('amount')]);
    await day(5, [broke('code'), broke('amount')]);
    expect(incidents()).toMatchObject([{ detector: 'drift' }, { detector: 'data', features: ['code'] }]);

    world = room();
    for (const number of [1, 2]) await day(number, [broke('amount')]);
    await day(3, [broke('amount')], { drifted: ['amount'] });
    expect(incidents()).toMatchObject([{ detector: 'data', status: 'Open' }]);
    await day(4, [broke('amount')], { drifted: ['amount'], persistent: ['amount'] });
    expect(incidents()).toMatchObject([
      { detector: 'data', closedBecause: 'the incident of drift or skew tells of the same features' },
      { detector: 'drift', status: 'Open' },
    ]);
  });

  it('closes where another version serves', async () => {
    for (const number of [1, 2]) await day(number, [broke('amount')]);
    world.windows.length = 0;
    await day(3, [broke('amount')], { version: 8 });
    expect(incidents()).toMatchObject([{ closedBecause: 'version 8 serves in place of version 7' }]);
  });
});
