import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sweepHosting } from '../../../cli/commands/sweep.ts';
import { type HostedResource, type KnownModels, sweepOf } from '../../../domain/deployment/orphans.ts';
import { NotFoundError } from '../../../domain/errors.ts';
import type { ModelRow } from '../../../domain/model.ts';

const AT = new Date('2026-03-01T00:00:00.000Z');
const PREFIX = 'launchway-prod-flights';

/** @param day of February on which it was made */
const made = (
  kind: HostedResource['kind'],
  name: string,
  day: number,
  uses: readonly string[] = [],
  tags: Record<string, string> = { 'launchway:model': 'flights' },
): HostedResource => ({ kind, name, createdAt: new Date(Date.UTC(2026, 1, day)).toISOString(), uses, tags });

/** A version's model and configuration, made on the day of its number. */
const version = (number: number): HostedResource[] => [
  made('model', `${PREFIX}-v${number}`, number),
  made('endpoint-configuration', `${PREFIX}-v${number}-abc`, number, [`${PREFIX}-v${number}`]),
];
const champion = (number: number) => ({
  version: number,
  endpointName: PREFIX,
  endpointConfigName: `${PREFIX}-v${number}-abc`,
  since: '',
});
const serving = (number: number, more: Partial<ModelRow> = {}): KnownModels =>
  new Map([['flights', { champion: champion(number), ...more }]]);
const endpoint = (number: number) => made('endpoint', PREFIX, 1, [`${PREFIX}-v${number}-abc`]);
const orphansOf = (resources: readonly HostedResource[], known: KnownModels, keep = 3) =>
  sweepOf(resources, known, { keep, at: AT }).orphans.map(({ name }) => name);

const six = [1, 2, 3, 4, 5, 6].flatMap(version);

describe('what nobody uses', () => {
  it('is what neither serves nor is among the newest, configurations before their models', () => {
    expect(orphansOf([...six, endpoint(6)], serving(6))).toEqual([
      ...[3, 2, 1].map((number) => `${PREFIX}-v${number}-abc`),
      ...[3, 2, 1].map((number) => `${PREFIX}-v${number}`),
    ]);
  });

  it('never is what serves, however old it is', () => {
    const orphans = orphansOf([...six, endpoint(1)], serving(1));
    expect(orphans).not.toContain(`${PREFIX}-v1-abc`);
    expect(orphans).not.toContain(`${PREFIX}-v1`);
    expect(orphans).toContain(`${PREFIX}-v2`);
  });

  it.each([{ activeRelease: 9 }, { rollingBack: 1 }])('is nothing of a model while it has %j', (more) => {
    const { orphans, kept } = sweepOf([...six, endpoint(6)], serving(6, more), { keep: 2, at: AT });
    expect(orphans).toEqual([]);
    expect(kept).toEqual({ 'a release or rollback is open': 13 });
  });

  it('is what a validation left, and nothing that is younger than a day or carries no tag of ours', () => {
    const left = made('model', `${PREFIX}-r14-candidate-0`, 20);
    const young = { ...left, name: `${PREFIX}-r15-candidate-0`, createdAt: '2026-02-28T00:00:01.000Z' };
    const foreign = made('model', `${PREFIX}-by-hand`, 1, [], {});
    expect(sweepOf([left, young, foreign], serving(6), { keep: 2, at: AT })).toMatchObject({
      orphans: [{ name: left.name, why: 'its validation is over' }],
      kept: { 'younger than a day': 1, 'no tag of Launchway': 1 },
    });
  });

  it('is everything of a model that is not known, its endpoint first', () => {
    const orphans = orphansOf([...version(1), endpoint(1)], new Map([['flights', undefined]]));
    expect(orphans).toEqual([PREFIX, `${PREFIX}-v1-abc`, `${PREFIX}-v1`]);
  });

  it('never is what anything kept refers to', () => {
    const resources = fc.array(
      fc.record({ number: fc.integer({ min: 1, max: 12 }), of: fc.integer({ min: 1, max: 12 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(resources, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), (some, now, keep) => {
        const all = [
          endpoint(now),
          ...Array.from({ length: 12 }, (_, i) => version(i + 1)).flat(),
          ...some.map(({ number, of }, i) =>
            made('endpoint-configuration', `${PREFIX}-v${number}-${i}`, number, [`${PREFIX}-v${of}`]),
          ),
        ];
        const orphans = new Set(orphansOf(all, serving(now), keep));
        const used = all.filter(({ name }) => !orphans.has(name)).flatMap(({ uses }) => uses);
        expect(used.filter((name) => orphans.has(name))).toEqual([]);
      }),
    );
  });

  it('is not asked for with nothing kept', () => {
    expect(() => orphansOf([], new Map(), 0)).toThrow('expected to keep 1 or more, got 0');
  });
});

describe('a sweep', () => {
  const hosting = (...resources: HostedResource[]) => {
    const deleted: string[] = [];
    return {
      deleted,
      list: async () => resources,
      delete: async ({ name }: { name: string }) => void deleted.push(name),
    };
  };
  const lineage = (rows: () => Partial<ModelRow> | undefined) =>
    ({
      lineage: {
        getModel: async () => {
          const row = rows();
          if (!row) throw new NotFoundError('no such model');
          return row;
        },
      },
    }) as never;

  it('reports, and deletes only where it is told to', async () => {
    const inventory = hosting(...six, endpoint(6));
    const rows = lineage(() => ({ champion: champion(6) }));
    const dry = await sweepHosting(rows, inventory, 3, false, AT);
    expect([dry.orphans.length, dry.deleted, inventory.deleted]).toEqual([6, [], []]);
    const wet = await sweepHosting(rows, inventory, 3, true, AT);
    expect(wet.deleted).toEqual(dry.orphans.map(({ name }) => name));
    expect(inventory.deleted).toEqual(wet.deleted);
  });

  it('spares what a release that began meanwhile may use', async () => {
    let looks = 0;
    const rows = lineage(() => {
      looks += 1;
      return { champion: champion(6), ...(looks > 1 && { activeRelease: 9 }) };
    });
    const inventory = hosting(...six, endpoint(6));
    const { deleted, spared } = await sweepHosting(rows, inventory, 3, true, AT);
    expect([deleted, inventory.deleted, spared.length]).toEqual([[], [], 6]);
  });

  it('fails where the table cannot be read, and deletes nothing', async () => {
    const inventory = hosting(...six);
    const broken = lineage(() => {
      throw new Error('no connection');
    });
    await expect(sweepHosting(broken, inventory, 3, true, AT)).rejects.toThrow('no connection');
    expect(inventory.deleted).toEqual([]);
  });
});
