import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  capturedListKey,
  capturedPartName,
  capturedSince,
  isCapturedPart,
  partNameFor,
} from '../../../domain/intake/captured-dataset.ts';
import { capturedRecords, mergeRecords, namesOffset } from '../../../domain/intake/captured-table.ts';
import { parseReadyList } from '../../../domain/intake/ready-list.ts';
import { classifyUpload } from '../../../domain/intake/upload-key.ts';
import type { ModelDefinition } from '../../../domain/model-definition.ts';

describe('where a dataset of captured rows lies', () => {
  it('says since when its rows are, is an upload of data, and lists names that are lawful', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 999 }),
        fc.stringMatching(/^[0-9a-f]{64}$/),
        (at, champion, sha256) => {
          const since = at.toISOString();
          const key = capturedListKey({ model: 'flights', since, champion, day: since.slice(0, 10) });
          expect(capturedSince(key)).toBe(since);
          expect(classifyUpload(key)).toEqual({ kind: 'data', model: 'flights', purpose: 'release' });
          const name = capturedPartName(sha256);
          expect(isCapturedPart(key, name)).toBe(true);
          expect(isCapturedPart('models/flights/data/mine/_READY', name)).toBe(false);
          expect(parseReadyList(`${sha256}  ${name}\n`).problems).toEqual([]);
        },
      ),
    );
  });

  it.each([
    'models/flights/data/train.csv',
    'models/flights/data/captured/_READY',
    'models/flights/data/captured/20269999T999999999Z/v1-2026-01-01/_READY',
    'models/flights/experiments/captured/20260201T000000000Z/v1-2026-01-01/_READY',
  ])('is not taken for one: %s', (key) => {
    expect(capturedSince(key)).toBeUndefined();
  });

  it('keeps the names of parts and of a test file, and gives one to a file that was alone', () => {
    expect(['part-7.csv', 'test.csv', 'train.csv', 'my flights (1).csv'].map(partNameFor)).toEqual([
      ...['part-7.csv', 'test.csv', 'part-0000.csv', 'part-0000.csv'],
    ]);
  });
});

const definition = {
  columns: { id: 'id', timestamp: 'at', attributes: ['carrier'], others: 'ignore' },
  features: [
    { name: 'distance', type: 'numeric' },
    { name: 'origin', type: 'categorical' },
  ],
  problem: { type: 'regression', target: 'minutes' },
} as unknown as ModelDefinition;

const style = { header: ['minutes', 'origin', 'seat', 'carrier', 'id', 'at', 'distance'], namesOffset: true };
const row = { id: 'a', at: '2026-02-03T04:05:06Z', features: ['12.5', 'JFK'], truth: 7 };

describe('captured rows', () => {
  it('have the columns of the dataset in its order; what no request holds is empty', () => {
    const records = capturedRecords(definition, [row], style, String);
    expect([...records.values()]).toEqual([['7', 'JFK', '', '', 'a', '2026-02-03T04:05:06.000Z', '12.5']]);
  });

  it.each([
    ['no time', { at: '' }],
    ['a time that nobody can read', { at: 'yesterday' }],
    ['text for a number', { features: ['far', 'JFK'] }],
    ['a zero byte, for which the whole file would be refused as binary', { features: ['1', 'J\0FK'] }],
    ['a document for a category', { features: ['1', 'x'.repeat(32_769)] }],
  ])('are left out where they have %s', (_, change) => {
    expect(capturedRecords(definition, [{ ...row, ...change }], style, String).size).toBe(0);
  });

  it('may lack values, and times where the dataset has no column of them', () => {
    const { timestamp: _, ...columns } = definition.columns;
    const rows = [{ ...row, at: '', features: ['', ''] }];
    expect(capturedRecords({ ...definition, columns }, rows, { ...style, header: ['id'] }, String).size).toBe(1);
  });

  it('name an offset from UTC as the dataset does', () => {
    expect(['2026-02-03T04:05:06+01:00', '2026-02-03T04:05Z'].map(namesOffset)).toEqual([true, true]);
    expect(['2026-02-03', '2026-02-03 04:05:06'].map(namesOffset)).toEqual([false, false]);
    expect(['1770091506', '', 'soon'].map(namesOffset)).toEqual([undefined, undefined, undefined]);
    const records = capturedRecords(definition, [row], { ...style, namesOffset: false }, String);
    expect(records.get('a')![5]).toBe('2026-02-03T04:05:06.000');
  });

  it('come once each, as they were asked first with what is known now, in order of time, the newest of too many', () => {
    const times = fc.integer({ min: 0, max: 50 });
    const ids = fc.integer({ min: 0, max: 30 });
    const some = fc.array(fc.tuple(ids, times), { maxLength: 40 });
    const recordsOf = (rows: readonly (readonly [number, number])[], label: string) =>
      new Map(rows.map(([id, time]) => [`${id}`, [`${id}`, new Date(time * 1000).toISOString(), label, label]]));
    fc.assert(
      fc.property(some, some, fc.integer({ min: 1, max: 40 }), (before, now, most) => {
        const [former, fresh] = [recordsOf(before, 'old'), recordsOf(now, 'new')];
        const merged = mergeRecords(former, fresh, { time: 1, target: 2 }, most);
        const all = new Set([...former.keys(), ...fresh.keys()]);
        expect(merged).toHaveLength(Math.min(most, all.size));
        expect(new Set(merged.map(([id]) => id)).size).toBe(merged.length);
        for (const [id, time, label, asked] of merged) {
          expect([label, asked]).toEqual([fresh.has(id!) ? 'new' : 'old', former.has(id!) ? 'old' : 'new']);
          expect(time).toBe((former.get(id!) ?? fresh.get(id!))![1]);
        }
        const at = merged.map((record) => record[1]!);
        expect(at).toEqual(at.toSorted());
        const left = [...all].filter((id) => !merged.some((record) => record[0] === id));
        for (const id of left) expect((former.get(id) ?? fresh.get(id))![1]! <= at[0]!).toBe(true);
      }),
    );
  });
});
