import { describe, expect, it } from '@jest/globals';
import type { ModelDefinition } from '../../../domain/model-definition.ts';
import { readGroundTruth } from '../../../domain/quality/ground-truth.ts';
import { labelKey } from '../../../domain/quality/label-key.ts';
import { LabelReader, readLabelTable } from '../../../domain/quality/label-reader.ts';
import { truthReader } from '../../../domain/quality/truth-reader.ts';
import { csvRecords } from '../../../domain/tabular/csv-records.ts';

const definition = {
  columns: { id: 'flight_id', attributes: ['carrier'], others: 'refuse' },
  problem: { type: 'binary-classification', target: 'delayed', positiveClass: '1', decisionThreshold: 0.5 },
} as Pick<ModelDefinition, 'columns' | 'problem'>;
const UPLOADED = new Date('2026-03-01T00:00:00Z');

async function* bytes(text: string) {
  yield new TextEncoder().encode(text);
}

const newReader = () => new LabelReader(truthReader(definition.problem, ['0', '1']), UPLOADED, ['carrier']);

async function fromCsv(text: string) {
  const reader = newReader();
  return reader.finish(await readLabelTable(csvRecords(bytes(text)), definition, reader));
}

async function fromJson(...lines: readonly unknown[]) {
  const reader = newReader();
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  await readGroundTruth(bytes(text), definition, reader);
  return reader.finish();
}

const inference = (id: string, row = 0) => labelKey('inference', id, row);

describe('a table of outcomes', () => {
  it('is read by the names of its columns, in any order', async () => {
    const { labels, tally } = await fromCsv(
      'note,carrier,delayed,flight_id,labelled_at\nx,AA,1,f1,2026-02-01T00:00:00Z\n,UA,0,f2,\n',
    );
    expect([...labels.inferenceKeys]).toEqual([inference('f1'), inference('f2')]);
    expect([...labels.truth]).toEqual([1, 0]);
    expect([...labels.labelledAt]).toEqual([Date.parse('2026-02-01'), UPLOADED.getTime()]);
    const { values, numbers } = labels.attributes.get('carrier')!;
    expect([...numbers].map((number) => values[number])).toEqual(['AA', 'UA']);
    expect(tally).toMatchObject({ rows: 2, labels: 2, ignoredColumns: ['note'], problems: [] });
  });

  it('counts what is no label by its reason, and says where', async () => {
    const { tally } = await fromCsv(
      [
        'id,label,row,labelled_at',
        ...['f1,1,,', 'f1,1,,', 'f1,0,,', ',1,,', 'f2,,,', 'f3,maybe,,', 'f4,1,-1,', 'f5,1,,soon', 'f6', 'f7,1.0,2,'],
      ].join('\n'),
    );
    expect(tally).toEqual({
      ...{ rows: 10, labels: 4, repeated: 1, corrected: 1, withoutId: 1, withoutLabel: 1, wrongType: 1, unreadable: 3 },
      ignoredColumns: [],
      problems: [
        'line 5: names no prediction',
        'line 7: "maybe" is no outcome of this model',
        'line 8: expected row to be a number from 0, got "-1"',
        'line 9: expected a time in ISO 8601, got "soon"',
        'line 10: expected 4 fields, got 1',
      ],
    });
  });

  it('names events where no caller gave an id', async () => {
    const { labels } = await fromCsv('event_id,delayed\ne1,1\n');
    expect([...labels.inferenceKeys]).toEqual([Number.NaN]);
    expect([...labels.eventKeys]).toEqual([labelKey('event', 'e1', 0)]);
  });

  it.each([
    ['no id', 'flight,delayed\nf1,1\n', 'expected a column flight_id (or id, or eventId)'],
    ['no outcome', 'flight_id,late\nf1,1\n', 'expected a column delayed (or label)'],
    ['a column twice', 'id,label,label\nf1,1,1\n', 'got "label" twice'],
    ['nothing', '', 'expected a header and rows, got an empty file'],
  ])('is refused with %s', async (_what, text, why) => {
    await expect(fromCsv(text)).rejects.toThrow(why);
  });
});

describe('ground truth as SageMaker has it', () => {
  const truth = (eventId: unknown, data: unknown, encoding = 'CSV') => ({
    groundTruthData: { data, encoding },
    eventMetadata: { eventId },
    eventVersion: '0',
  });

  it('has a line per row of its request', async () => {
    const { labels, tally } = await fromJson(truth('e1', '1\n0\n1'), truth('e2', '0'));
    expect([...labels.inferenceKeys]).toEqual([
      inference('e1', 0),
      inference('e1', 1),
      inference('e1', 2),
      inference('e2'),
    ]);
    expect([...labels.truth]).toEqual([1, 0, 1, 0]);
    expect(tally).toMatchObject({ rows: 4, labels: 4 });
  });

  it('counts lines that are none, and reads objects by name', async () => {
    const { tally } = await fromJson(
      'torn {',
      [1],
      truth('e1', '1', 'JSON'),
      truth(7, '1'),
      truth('e2', '"1'),
      '',
      { flight_id: 'f1', delayed: 1, carrier: 'AA' },
      { delayed: 1 },
    );
    expect(tally).toMatchObject({ rows: 7, labels: 1, unreadable: 4, withoutId: 2 });
  });
});

it('takes an outcome for a class by its text, or as the number that it is', () => {
  const binary = truthReader(definition.problem, ['0', '1']);
  expect(['1', '1.0', '0', '0.0', '2', 'true', ''].map(binary)).toEqual([1, 1, 0, 0, undefined, undefined, undefined]);
  const words = truthReader({ type: 'binary-classification', positiveClass: 'yes' }, ['yes', 'no']);
  expect(['yes', 'no', 'Yes'].map(words)).toEqual([1, 0, undefined]);
  const classes = truthReader({ type: 'multiclass-classification', classes: ['a', 'b', 'c'] }, []);
  expect(['c', 'a', 'd'].map(classes)).toEqual([2, 0, undefined]);
  const value = truthReader({ type: 'regression' }, []);
  expect(['1e3', '-2', 'inf', 'x'].map(value)).toEqual([1000, -2, undefined, undefined]);
});
