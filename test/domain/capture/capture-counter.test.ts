import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CaptureCounter } from '../../../domain/capture/capture-counter.ts';
import { readCaptures } from '../../../domain/capture/read-captures.ts';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';

const FEATURES = [
  { name: 'distance', type: 'numeric' },
  { name: 'origin', type: 'categorical' },
  { name: 'stops', type: 'numeric' },
  { name: '__proto__', type: 'categorical' },
] as const;

const baseline = (() => {
  const builder = new BaselineBuilder(FEATURES);
  for (let i = 0; i < 600; i++) builder.row([((i * 37) % 211) / 8, i % 3 === 0 ? 'ORD' : 'DTW', i % 3, 'x']);
  return builder.finish();
})();

async function* inChunks(bytes: Uint8Array, size: number) {
  // One buffer for all chunks, as a reader of files may have it.
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

/** What both readers make of the same bytes. */
async function both(bytes: Uint8Array, chunk: number, scoreColumn = 0, classes?: number) {
  const over = { ...baseline, prediction: { ...baseline.prediction, ...(classes !== undefined && { classes }) } };
  const counter = new CaptureCounter(over, scoreColumn);
  const counted = await counter.count(inChunks(bytes, chunk));
  const builder = profileOver(over, undefined, scoreColumn);
  const layout = { features: FEATURES.map(({ name }) => name), scoreColumn };
  const read = await readCaptures(inChunks(bytes, chunk), layout, builder);
  return { fast: { tally: counted, profile: counter.profile() }, plain: { tally: read, profile: builder.profile } };
}

async function expectSame(bytes: Uint8Array, chunk: number, scoreColumn = 0, classes?: number) {
  const { fast, plain } = await both(bytes, chunk, scoreColumn, classes);
  expect(fast).toStrictEqual(plain);
  return fast;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const csv = (data: string) => ({ observedContentType: 'text/csv', data, encoding: 'CSV' });
const record = (input: object, output: object | undefined, metadata: object = { eventId: 'e', inferenceTime: 't' }) =>
  JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', ...input },
      ...(output && { endpointOutput: { observedContentType: 'text/csv; charset=utf-8', mode: 'OUTPUT', ...output } }),
    },
    eventMetadata: metadata,
    eventVersion: '0',
  });

const number = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc.integer({ min: -40, max: 40 }).map((n) => String(n / 8)),
  fc.integer().map(String),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(30)).map(([n, at]) => {
    const digits = n.toString();
    return `${digits.slice(0, at)}.${digits.slice(at)}`;
  }),
  fc.constantFrom(
    ...['', '-', '.', '5.', '.5', '-0', '-0.0', '+3', ' 7 ', '1e3', '1E-7', '1e999', 'NaN', 'nan', 'inf', '-Infinity'],
    ...[
      'oops',
      '0x10',
      '1_000',
      '9007199254740992',
      '9007199254740993',
      '900719925474099.3',
      '00012.50',
      '--1',
      '1.2.3',
    ],
  ),
);
const category = fc.oneof(
  fc.constantFrom('ORD', 'DTW', '', '__proto__', 'constructor', 'é', '漢', ' x ', 'a b', '\uFEFF', '\u2028', '😀'),
  fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => !/[,"\r\n]/.test(text)),
  fc.nat(3_000).map((n) => `c${n}`),
);
const row = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(number, category, number, category).map((fields) => fields.join(',')) },
  { weight: 1, arbitrary: fc.constantFrom('', ',,,', ',', '1,2', '1,2,3,4,5', '1,"a,b",2,"say ""x"""', '1,"a') },
);
const score = fc.oneof(number, fc.constantFrom('0.25', '0.5,0.5', '"0.5"'));
const ends = fc.constantFrom('\n', '\r\n', '\r');

const payload = fc
  .tuple(fc.array(row, { maxLength: 4 }), ends, fc.boolean(), fc.array(score, { maxLength: 4 }), fc.boolean())
  .map(([rows, end, last, scores, fits]) => ({
    input: rows.join(end) + (last ? end : ''),
    output: (fits ? rows.map((_, i) => scores[i] ?? '0.5') : scores).join(end) + (last ? end : ''),
  }));

const common = payload.map(({ input, output }) => record(csv(input), csv(output)));
const uncommon = payload.chain(({ input, output }) =>
  fc.constantFrom(
    record({ ...csv(btoa(encodeURIComponent(input))), encoding: 'BASE64' }, csv(output)),
    record({ ...csv(JSON.stringify([[1, 'ORD', 2, input]])), encoding: 'JSON' }, { data: '[0.5]', encoding: 'JSON' }),
    ...[
      '{"instances":[{"distance":1,"origin":"ORD","stops":2,"__proto__":"x"}]}',
      '{"instances":[{"distance":-0.0,"__proto__":"constructor"}]}',
      '{"instances":[{"distance":1,"appeared":2}]}',
      '[[1e400,"ORD",-1e308,"x"]]',
      '[[NaN,"ORD",Infinity,"x"]]',
    ].map((data) => record({ ...csv(data), encoding: 'JSON' }, { data: '[[0.5]]', encoding: 'JSON' })),
    record(csv(input), csv(output), { eventId: 'e', inferenceTime: '1970-01-01T00:00:00Z' }),
    ...['QQ=', 'QUJDR', '****', 'QQ\u00a0'].map((data) => record({ ...csv(data), encoding: 'BASE64' }, csv(output))),
    record({ ...csv(input), encoding: 'PROTOBUF' }, csv(output)),
    record(csv(input), undefined),
    record({}, csv(output)),
    record(csv(input), csv(output), { eventId: 'e', inferenceId: 'launchway-smoke-3-1', inferenceTime: 't' }),
    record(csv(input), csv(output), { eventId: 'e', inferenceId: 'flight-1', inferenceTime: 't' }),
    record(csv(input), csv(output), { eventId: 'e', customAttributes: ['a'], inferenceTime: 't' }),
    JSON.stringify({ eventVersion: '0', ...JSON.parse(record(csv(input), csv(output))) }),
    JSON.stringify(JSON.parse(record(csv(input), csv(output))), null, 1).replaceAll('\n', ' '),
    `${record(csv(input), csv(output))}\r`,
    `\uFEFF${record(csv(input), csv(output))}`,
    record(csv(input), csv(output)).replaceAll('o', '\\u006f'),
    ...['', '  ', 'null', '[]', '7', '{"captureData":null}', '{"captureData":{"endpointInput":{"data":1}}}', 'torn {'],
  ),
);
const line = fc.oneof({ weight: 4, arbitrary: common }, { weight: 1, arbitrary: uncommon });

describe('counting captures', () => {
  it('gives to the last bit what reading and profiling them one by one gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(1),
        async (lines, end, last, chunk, scoreColumn) => {
          await expectSame(utf8(lines.join(end) + (last ? end : '')), chunk, scoreColumn);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('gives the decisions of a multiclass model as well, whatever stands beside and among its probabilities', async () => {
    const p = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 1_000 }).map((n) => String(n / 1_000)) },
      { weight: 1, arbitrary: number },
    );
    const answer = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(p, p, p).map((all) => `label,${all.join(',')}`) },
      { weight: 1, arbitrary: fc.constantFrom('', 'label', 'label,0.5', 'label,0.2,0.2,0.6,0.1', ',,,') },
    );
    const exchange = fc
      .tuple(fc.array(fc.tuple(row, answer), { minLength: 1, maxLength: 4 }), ends)
      .map(([all, end]) => record(csv(all.map(([one]) => one).join(end)), csv(all.map(([, one]) => one).join(end))));
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), async (lines, chunk) => {
        const { profile, tally } = await expectSame(utf8(lines.join('\n')), chunk, 1, 3);
        const { counts, undecided } = profile.decisions!;
        expect(counts.reduce((sum, one) => sum + one, undecided)).toBeLessThanOrEqual(tally.rows);
      }),
      { numRuns: 120 },
    );
    const json = record(
      { data: '[[1,"ORD",1,"x"],[2,"ORD",1,"x"]]', encoding: 'JSON' },
      { data: '{"predictions":[["l",0.1,0.7,0.2],["l",0.1,0.2,0.7]]}', encoding: 'JSON' },
    );
    const { profile } = await expectSame(utf8(json), 50, 1, 3);
    expect(profile.decisions!.counts.flatMap((count, i) => (count > 0 ? [i] : []))).toEqual([170, 270]);
  });

  it('accounts for every line: a record, or a reason why it is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), async (lines, last) => {
        const text = lines.join('\n') + (last ? '\n' : '');
        const { tally } = await expectSame(utf8(text), 97);
        const { unread } = tally;
        const accounted = tally.records + unread['not-json'] + unread['torn-line'] + unread['line-too-long'];
        expect(accounted).toBe(text.split('\n').filter((one) => one.trim() !== '').length);
      }),
      { numRuns: 60 },
    );
  });

  it('and so it does whatever byte of a file is overwritten, lost or doubled', async () => {
    const mutation = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255), fc.constantFrom(0, 1, 2));
    await fc.assert(
      fc.asyncProperty(
        fc.array(common, { minLength: 1, maxLength: 3 }),
        mutation,
        async (lines, [where, byte, how]) => {
          const bytes = [...utf8(`${lines.join('\n')}\n`)];
          const at = Math.floor(where * bytes.length);
          bytes.splice(at, how === 0 ? 1 : how === 1 ? 1 : 0, ...(how === 1 ? [] : how === 0 ? [byte] : [bytes[at]!]));
          await expectSame(Uint8Array.from(bytes), 64);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('counts beyond a thousand categories as other, however they are written', async () => {
    const lines = Array.from({ length: 1_300 }, (_, i) => record(csv(`${i},c${i % 1_200},1.0,x`), csv('0.5')));
    const { profile } = await expectSame(utf8(lines.join('\n')), 4_096);
    expect(profile.features.get('origin')).toMatchObject({ other: 200 });
  });

  it('takes equal texts as one category whatever their bytes', async () => {
    const [before, after] = record(csv('1,#,1,x'), csv('0.5')).split('#');
    const invalid = [[0xff], [0xfe], [0xef, 0xbf, 0xbd]].flatMap((bytes) => [
      ...utf8(before!),
      ...bytes,
      ...utf8(`${after}\n`),
    ]);
    const { profile } = await expectSame(Uint8Array.from(invalid), 50);
    expect(profile.features.get('origin')).toMatchObject({ counts: new Map([['\uFFFD', 3]]) });
  });

  it('tells categories of one hash apart', async () => {
    // FNV-1a gives both 0xbdca6cb3.
    const text = ['03vEX', '0A1fD', '03vEX'].map((origin) => record(csv(`1,${origin},1,x`), csv('0.5'))).join('\n');
    const { profile } = await expectSame(utf8(text), 4_096);
    expect(profile.features.get('origin')).toMatchObject({
      counts: new Map([
        ['03vEX', 2],
        ['0A1fD', 1],
      ]),
    });
  });

  it('reads a line of a megabyte, and one of more rows than it holds at once', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, i) => `${i},ORD,${i % 3},x`).join('\n');
    const answers = (count: number) => Array.from({ length: count }, () => '0.5').join('\n');
    const { tally } = await expectSame(utf8(record(csv(rows(60_000)), csv(answers(60_000)))), 65_536);
    expect(tally).toMatchObject({ records: 1, rows: 60_000 });
    expect((await expectSame(utf8(record(csv(rows(70_000)), csv(answers(70_000)))), 65_536)).tally.rows).toBe(70_000);
  });

  it('unpacks gzip by its first bytes, and counts a file that breaks off', async () => {
    const text = Array.from({ length: 500 }, (_, i) => record(csv(`${i},ORD,1,x`), csv('0.5'))).join('\n');
    const packed = Uint8Array.from(gzipSync(text));
    expect((await expectSame(packed, 1)).tally).toMatchObject({ records: 500 });
    expect((await expectSame(packed.subarray(0, packed.length - 40), 64)).tally.unread['torn-line']).toBeGreaterThan(0);
    expect((await expectSame(Uint8Array.of(0x1f, 0x8b, 1, 2, 3), 2)).tally.unread['torn-line']).toBe(1);
    expect((await expectSame(Uint8Array.of(0x1f), 2)).tally.unread['torn-line']).toBe(1);
  });

  it("hands on the source's own failure", async () => {
    async function* broken() {
      yield Uint8Array.of(0x1f, 0x8b, 8, 0);
      throw new Error('connection reset');
    }
    await expect(new CaptureCounter(baseline, 0).count(broken())).rejects.toThrow('connection reset');
  });
});
