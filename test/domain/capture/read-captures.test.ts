import { describe, expect, it } from '@jest/globals';
import { readCaptures } from '../../../domain/capture/read-captures.ts';
import { readNumber, type Value } from '../../../domain/drift/profile-builder.ts';

const LAYOUT = { features: ['distance', 'origin'], scoreColumn: 0 };

interface Payload {
  readonly data: string;
  readonly encoding: string;
  readonly observedContentType?: string;
}

const csv = (data: string): Payload => ({ data, encoding: 'CSV', observedContentType: 'text/csv' });
const json = (value: unknown): Payload => ({
  data: JSON.stringify(value),
  encoding: 'JSON',
  observedContentType: 'application/json',
});

const record = (endpointInput: Payload | undefined, endpointOutput?: Payload, inferenceId?: string): string =>
  JSON.stringify({
    captureData: { endpointInput, endpointOutput },
    eventMetadata: { eventId: 'e', inferenceId, inferenceTime: '2026-02-01T10:00:00Z' },
    eventVersion: '0',
  });

/** Reads text in chunks of seven bytes, so that no border falls where a reader would like it. */
async function read(text: string) {
  const rows: { readonly features: readonly Value[]; readonly prediction: Value | undefined }[] = [];
  async function* chunks() {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  const tally = await readCaptures(chunks(), LAYOUT, {
    row: (features, prediction) => rows.push({ features: [...features], prediction }),
  });
  return { rows, tally };
}

describe('reading captures', () => {
  it('hands on each row of a request with its own prediction', async () => {
    const { rows, tally } = await read(`${record(csv('810,ORD\n1750,DTW\n'), csv('0.2\n0.7\n'))}\n`);
    expect(rows).toEqual([
      { features: ['810', 'ORD'], prediction: '0.2' },
      { features: ['1750', 'DTW'], prediction: '0.7' },
    ]);
    expect(tally).toMatchObject({ records: 1, rows: 2, rowsWithoutPrediction: 0 });
  });

  it('reads quoted fields as RFC 4180 has them, and an empty field as missing', async () => {
    const { rows } = await read(`${record(csv('"1,5","say ""hi""\nthere"\r\n,ORD'))}\n`);
    expect(rows.map(({ features }) => features)).toEqual([
      ['1,5', 'say "hi"\nthere'],
      [null, 'ORD'],
    ]);
  });

  it.each([
    ['base64 of CSV', { ...csv(btoa('810,ORD')), encoding: 'BASE64' }],
    ['lists', json([['810', 'ORD']])],
    ['instances', json({ instances: [{ features: ['810', 'ORD'] }] })],
    ['objects by name, in any order', json([{ origin: 'ORD', distance: '810' }])],
    ['one row as a list', json(['810', 'ORD'])],
  ])('reads %s', async (_what, payload) => {
    const { rows } = await read(`${record(payload, json({ predictions: [{ score: 0.4 }] }))}\n`);
    expect(rows).toEqual([{ features: ['810', 'ORD'], prediction: 0.4 }]);
  });

  it('keeps the features of a record without output', async () => {
    const { rows, tally } = await read(`${record(csv('810,ORD'))}\n`);
    expect(rows).toEqual([{ features: ['810', 'ORD'], prediction: undefined }]);
    expect(tally.rowsWithoutPrediction).toBe(1);
  });

  it('drops smoke tests and counts them', async () => {
    const { rows, tally } = await read(`${record(csv('810,ORD'), csv('0.2'), 'launchway-smoke-14-0')}\n`);
    expect(rows).toEqual([]);
    expect(tally).toMatchObject({ records: 1, smokeRecords: 1, rows: 0 });
  });

  it('counts what cannot be read by its reason, and reads on', async () => {
    const lines = [
      'not json at all',
      record(undefined),
      record({ data: 'AAAA', encoding: 'PROTOBUF' }),
      record(csv('810,"ORD')),
      record(csv('810,ORD,extra\n1750,DTW')),
      ...['%%%', 'ODEwLE9SR', 'ODEwLE9SRA='].map((data) => record({ ...csv(data), encoding: 'BASE64' })),
      record(json({ distance: 810, orgin: 'ORD' })),
      `${record(csv('810,ORD'))}`.slice(0, 40),
    ];
    const { rows, tally } = await read(lines.join('\n'));
    expect(rows.map(({ features }) => features)).toEqual([['1750', 'DTW']]);
    expect(tally.unread).toEqual({
      'torn-line': 1,
      'not-json': 1,
      'line-too-long': 0,
      'no-input': 1,
      'unknown-encoding': 1,
      'bad-payload': 4,
      'wrong-field-count': 2,
    });
  });

  it('reads on after what a caller may have sent to stop it: brackets without end, or digits that end in a letter', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const { rows, tally } = await read(
      [
        record({ data: `[[${nested(200_000)},"ORD"]]`, encoding: 'JSON' }),
        record({ data: `[[${nested(200_000)},"ORD"]`, encoding: 'JSON' }),
        record(csv('810,ORD')),
      ].join('\n'),
    );
    expect(rows.map(({ features }) => features)).toEqual([
      [1, 'ORD'],
      ['810', 'ORD'],
    ]);
    expect(tally.unread['bad-payload']).toBe(1);
    const digits = '1'.repeat(500_000);
    expect(readNumber(`${digits}x`)).toBeUndefined();
    expect(readNumber(`${digits}.${digits}.`)).toBeUndefined();
    expect(['5.', '.5', '-5.25e-1', '+5e1', '.', '5.e1', '1.2.3', 'e5'].map(readNumber)).toEqual([
      ...[5, 0.5, -0.525, 50, undefined, 50, undefined, undefined],
    ]);
  });

  it('reads a complete last line without a line break', async () => {
    const { tally } = await read(record(csv('810,ORD')));
    expect(tally).toMatchObject({ records: 1, rows: 1 });
  });

  it('takes __proto__ as a category and as no name', async () => {
    const { rows, tally } = await read(
      `${record(csv('810,__proto__'))}\n${record({ data: '[{"distance":1,"__proto__":"x"}]', encoding: 'JSON' })}\n`,
    );
    expect(rows.map(({ features }) => features)).toEqual([['810', '__proto__']]);
    expect(tally.unread['wrong-field-count']).toBe(1);
  });
});
