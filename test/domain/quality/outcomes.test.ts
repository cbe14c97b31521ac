import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { joinLabels, PredictionFinder } from '../../../domain/quality/join-labels.ts';
import { KeyTable } from '../../../domain/quality/key-table.ts';
import { fractionOf, labelKey } from '../../../domain/quality/label-key.ts';
import { decodeLabels, encodeLabels, type LabelSet, LabelSetBuilder } from '../../../domain/quality/label-set.ts';
import { Outcomes } from '../../../domain/quality/outcomes.ts';
import { decodeIndex, encodeIndex, PredictionIndexBuilder, sizeOf } from '../../../domain/quality/prediction-index.ts';

/** Bytes as Node's readers hand them on: a Buffer that begins anywhere in memory it shares with others. */
const asRead = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.alloc(3, 1), bytes, Buffer.alloc(2, 1)]).subarray(3, -2);

/** One file with one label per entry: of prediction `of`, at `at`, with truth and carrier. */
interface Said {
  readonly of: number;
  readonly at: number;
  readonly truth: number;
  readonly carrier: string;
}

const setOf = (uploadedAt: number, said: readonly Said[]): LabelSet => {
  const builder = new LabelSetBuilder(uploadedAt, ['carrier']);
  for (const { of, at, truth, carrier } of said) {
    const id = `id-${of}`;
    const keys = { inferenceKey: labelKey('inference', id, 0), eventKey: labelKey('event', id, 0) };
    builder.add({ ...keys, fraction: fractionOf(id), truth, labelledAt: at, attributes: [carrier] });
  }
  return builder.finish();
};

const everything = (set: LabelSet): number[] => Array.from(set.truth.keys());

const index = (() => {
  const builder = new PredictionIndexBuilder(1);
  for (let i = 0; i < 10; i++) builder.add({ inferenceId: `id-${i}`, eventId: `event-${i}` }, 0, [i / 10]);
  return builder.finish();
})();

const said = fc.record({
  of: fc.integer({ min: 0, max: 12 }),
  at: fc.integer({ min: 0, max: 3 }),
  truth: fc.constantFrom(0, 1),
  carrier: fc.constantFrom('AA', 'UA'),
});
const files = fc.array(fc.array(said, { maxLength: 8 }), { maxLength: 5 });

describe('outcomes', () => {
  it('are those of the newest labels, in whatever order files come, however often', () => {
    fc.assert(
      fc.property(files, fc.infiniteStream(fc.nat(100)), (uploads, shuffle) => {
        const sets = uploads.map((labels, i) => setOf(i, labels));
        const order = [...sets, ...sets].map((set) => [shuffle.next().value, set] as const).sort(([a], [b]) => a - b);
        const outcomes = new Outcomes(sizeOf(index));
        for (const [, set] of order) joinLabels(new PredictionFinder(index), outcomes, set, everything(set));
        for (let i = 0; i < 10; i++) {
          const all = uploads.flatMap((labels, file) =>
            labels.flatMap(({ of, at, truth }, row) => (of === i ? [{ at, file, row, truth }] : [])),
          );
          const newest = all.sort((a, b) => a.at - b.at || a.file - b.file || a.row - b.row).at(-1);
          expect(outcomes.truth[i]).toBe(newest?.truth ?? Number.NaN);
        }
      }),
    );
  });

  it('come back from bytes as they went', () => {
    fc.assert(
      fc.property(files, (uploads) => {
        const outcomes = new Outcomes(sizeOf(index));
        for (const [i, labels] of uploads.entries()) {
          const set = decodeLabels(asRead(encodeLabels(setOf(i, labels))));
          expect(set).toEqual(setOf(i, labels));
          joinLabels(new PredictionFinder(decodeIndex(asRead(encodeIndex(index)))), outcomes, set, everything(set));
        }
        const again = Outcomes.decode(asRead(outcomes.encode()));
        expect([...again.truth]).toEqual([...outcomes.truth]);
        expect(again.labelled).toBe(outcomes.labelled);
        expect(again.attributes).toEqual(outcomes.attributes);
      }),
    );
    expect(() => decodeIndex(Uint8Array.of(1, 2, 3))).toThrow('expected stored columns, got 3 bytes of something else');
    expect(() => decodeIndex(encodeIndex(index).subarray(0, 260))).toThrow(/expected (stored columns|\d+ values)/);
  });

  it('say what each label did, and which name no prediction', () => {
    const outcomes = new Outcomes(sizeOf(index));
    const first = setOf(1, [
      { of: 1, at: 5, truth: 1, carrier: 'AA' },
      { of: 99, at: 5, truth: 1, carrier: 'AA' },
    ]);
    const second = setOf(2, [
      { of: 1, at: 5, truth: 1, carrier: '' },
      { of: 1, at: 6, truth: 0, carrier: '' },
      { of: 1, at: 4, truth: 1, carrier: 'UA' },
    ]);
    const finder = new PredictionFinder(index);
    expect(joinLabels(finder, outcomes, first, [0, 1])).toEqual({
      effects: { new: 1, repeated: 0, corrected: 0, outdated: 0 },
      left: [1],
    });
    expect(joinLabels(finder, outcomes, second, [0, 1, 2])).toEqual({
      effects: { new: 0, repeated: 1, corrected: 1, outdated: 1 },
      left: [],
    });
    const { values, numbers } = outcomes.attributes.get('carrier')!;
    expect(values[numbers[1]!]).toBe('AA');
  });
});

describe('an index of predictions', () => {
  it('keeps an event that was delivered twice once, and counts what nothing can name or measure', () => {
    const builder = new PredictionIndexBuilder(2);
    for (let i = 0; i < 2; i++) builder.add({ eventId: 'e' }, 0, [0.1, 0.9]);
    builder.add({ eventId: 'e' }, 1, ['0.2', '0.8']);
    builder.add({}, 0, [0.1, 0.9]);
    builder.add({ eventId: 'f' }, 0, [0.1]);
    builder.add({ eventId: 'g' }, 0, undefined);
    const built = builder.finish();
    expect(built).toMatchObject({ rows: 6, repeated: 1, withoutId: 1, withoutScore: 2, fraction: 1 });
    expect([...built.scores]).toEqual([0.1, 0.9, 0.2, 0.8]);
  });

  it('of more predictions than it may hold keeps a sample by id, the same whatever the order', () => {
    const build = (ids: readonly number[]) => {
      const builder = new PredictionIndexBuilder(1, 1_000);
      for (const id of ids) builder.add({ inferenceId: `id-${id}`, eventId: `event-${id}` }, 0, [id]);
      return builder.finish();
    };
    const ids = Array.from({ length: 5_000 }, (_, i) => i);
    const [forwards, backwards] = [build(ids), build(ids.toReversed())];
    expect(forwards).toMatchObject({ rows: 5_000, fraction: backwards.fraction });
    expect(sizeOf(forwards)).toBeLessThanOrEqual(1_000);
    expect([...forwards.scores].sort()).toEqual([...backwards.scores].sort());
    expect([...forwards.scores].every((id) => fractionOf(`id-${id}`) < forwards.fraction)).toBe(true);
  });
});

it('finds the key that was put in last among equal ones, and none that was not', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 })), (keys) => {
      const table = new KeyTable([Float64Array.from(keys)]);
      for (let key = 0; key <= 41; key++) expect(table.find(key)).toBe(keys.lastIndexOf(key));
      expect(table.find(Number.NaN)).toBe(-1);
      expect(table.repeated).toBe(keys.length - new Set(keys).size);
    }),
  );
});
