import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256Fraction } from '../../../adapters/sha256.ts';
import { readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { csvLine, csvRecords } from '../../../domain/tabular/csv-records.ts';
import { holdOutRule, timeCut, writeChannels } from '../../../domain/tabular/split-dataset.ts';
import { surveyDataset } from '../../../domain/tabular/survey-dataset.ts';
import { parseTimestamp } from '../../../domain/tabular/timestamp.ts';
import { definitionText, flights } from '../../support/release-world.ts';

/** The text's bytes in chunks of any size: no reader may lean on chunk borders. */
async function* bytesOf(data: string | Uint8Array, chunk = 7) {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

const trainOf = (data: string | Uint8Array, chunk?: number) => ({ train: csvRecords(bytesOf(data, chunk)) });

async function recordsOf(data: string | Uint8Array, chunk?: number): Promise<string[][]> {
  const records: string[][] = [];
  for await (const batch of csvRecords(bytesOf(data, chunk))) records.push(...batch.map(({ fields }) => [...fields]));
  return records;
}

const definition = readModelDefinition(definitionText());

describe('CSV', () => {
  it('is read with quotes, line breaks in quotes, CRLF and a byte order mark', async () => {
    expect(await recordsOf('\uFEFFa,b\r\n"x, ""y""\r\nz",é\r\n\r\n1,\n')).toEqual([
      ['a', 'b'],
      ['x, "y"\r\nz', 'é'],
      ['1', ''],
    ]);
    expect(await recordsOf('a\n""\nb')).toEqual([['a'], [''], ['b']]);
  });

  it('gives back what was written, in chunks of any size', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', '😀', ' ') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (rows, chunk) => {
          expect(await recordsOf(rows.map(csvLine).join(''), chunk)).toEqual(rows);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a quote inside a field', 'a,b\n1,x"y\n', 'line 2: expected quotes only around'],
    ['text after a closing quote', 'a\n"x"y\n', 'line 2: expected a comma'],
    ['an open quote', 'a\n"x\n', 'line 2: expected a closing quote'],
    ['a zero byte', 'a\n\0\n', 'zero byte'],
    ['another encoding', Uint8Array.from([0x61, 0x0a, 0xe9, 0x0a]), 'expected UTF-8'],
    ['gzip', Uint8Array.from([0x1f, 0x8b, 8, 0]), 'a gzip file'],
    ['Parquet', 'PAR1xxxx', 'a Parquet file'],
    ['one endless line', 'x'.repeat(1_100_000), 'expected a record of at most'],
  ])('is refused with %s', async (_name, data, message) => {
    await expect(recordsOf(data, 65_536)).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message: expect.stringContaining(message),
    });
  });
});

describe('a dataset', () => {
  const refused = (data: string) =>
    surveyDataset(trainOf(data, 999), definition).then(
      () => 'accepted',
      (error) => error,
    );
  const good = flights(200);

  it('is accepted with findings about what is missing', async () => {
    const survey = await surveyDataset(trainOf(good.replace(',7,', ',7,').replace(/,JFK,/, ',,')), definition);
    expect(survey).toMatchObject({ rows: 200, findings: ['origin is missing in 1 of 200 rows (0.5 %).'] });
  });

  it.each([
    ['a missing column', good.replace('origin', 'orign'), 'column "origin" is missing; did you mean "orign"?'],
    ['a column without a role', good.replaceAll('\n', ',x\n'), 'column "x" has no role'],
    ['a column twice', good.replace('carrier', 'origin'), 'column "origin" is there twice'],
    ['text for a number', good.replace(',919,', ',far,'), 'expected distance to be a number, got "far"'],
    ['a short row', `${good}f9\n`, 'row 201 (line 202): expected 6 fields, got 1'],
    ['an id twice', good.replace('f7,', 'f6,'), 'row 8 (line 9): expected flight_id to be unique, got "f6" again'],
    ['a bad time', good.replace('2001-01-01T00:00:00.000Z', 'yesterday'), 'ISO 8601'],
    ['too few rows', flights(50), 'expected at least 100 rows'],
    ['nothing', '', 'empty file'],
    ['a header only', `${good.split('\n')[0]}\n`, 'got 0'],
    ['one class', good.replace(/,[01]\n/g, ',1\n'), 'two classes are needed'],
    ['no positive class', good.replace(/,[01]\n/g, ',no\n'), 'the positive class'],
    ['three classes', good.replace(/,1\n/, ',2\n'), 'expected two classes'],
    ['much missing', good.replaceAll(',JFK,', ',,'), 'origin is missing in 33.5 % of rows'],
    ['a line break in a feature', good.replace(',JFK,', ',"J\nFK",'), 'holds a line break'],
  ])('is refused with %s', async (_name, data, message) => {
    expect(await refused(data)).toMatchObject({
      name: 'DatasetRefusedError',
      details: { problems: expect.arrayContaining([expect.stringContaining(message)]) },
    });
  });

  const rows = (
    count: number,
    row: (i: number) => string,
    header = 'flight_id,scheduled_at,carrier,distance,origin,delayed',
  ) =>
    `${header}\n${Array.from({ length: count }, (_, i) => `f${i},${new Date(i * 60_000).toISOString()},AA,${row(i)}\n`).join('')}`;
  const noise = (i: number) => (i * 7919) % 1000;
  const multiclass = (text: string) =>
    text.replace(/problem: .*/, 'problem: { type: multiclass-classification, target: delayed, classes: [a, b, c] }');
  const regression = (text: string) => text.replace(/problem: .*/, 'problem: { type: regression, target: delayed }');

  it.each([
    [
      'a number that holds the answer',
      rows(300, (i) => `${i % 2},JFK${i % 7},${i % 2}`),
      undefined,
      'distance alone tells delayed with an AUC of 1.0000, above 0.98 (data.checks.maxLeakage)',
    ],
    [
      'a number that holds the opposite',
      rows(300, (i) => `${-(i % 2)},JFK${i % 7},${i % 2}`),
      undefined,
      'distance alone tells delayed with an AUC of 1.0000',
    ],
    [
      'a category that holds the answer',
      rows(300, (i) => `${noise(i)},${i % 3 ? 'late' : 'early'},${i % 3 ? 1 : 0}`),
      undefined,
      'origin alone tells delayed with an AUC of 1.0000',
    ],
    [
      'a number that is the answer',
      rows(300, (i) => `${noise(i)},JFK,${noise(i) * 2 + 1}`),
      regression,
      'distance alone tells delayed with a correlation of 1.0000',
    ],
    [
      'rows again and again',
      good.trimEnd() + good.replace(/^.*\n/, '\n').replaceAll('\nf', '\ng'),
      undefined,
      '200 rows (50.0 %) equal an earlier one in everything but their id',
    ],
    [
      'features that never vary',
      rows(300, (i) => `5,JFK,${i % 2}`),
      undefined,
      'every feature has the same value in every row',
    ],
    [
      'a class of three rows',
      rows(300, (i) => `${noise(i)},JFK,${i < 3 ? 1 : 0}`),
      undefined,
      'only 3 rows have target delayed = "1"; at least 10 are needed',
    ],
    [
      'a class that has no name',
      rows(300, (i) => `${noise(i)},JFK,${'abcd'[i % 4]}`),
      multiclass,
      'expected delayed to be one of problem.classes (a, b, c), got "d"',
    ],
    [
      'a named class without rows',
      rows(300, (i) => `${noise(i)},JFK,${'ab'[i % 2]}`),
      multiclass,
      'no row has target delayed = "c"',
    ],
    [
      'a target that is no number',
      rows(300, (i) => `${noise(i)},JFK,${i === 7 ? 'much' : i}`),
      regression,
      'row 8 (line 9): expected target delayed to be a number, got "much"',
    ],
    [
      'a missing target',
      rows(300, (i) => `${noise(i)},JFK,${i === 7 ? '' : i % 2}`),
      undefined,
      'row 8 (line 9): target delayed is missing',
    ],
    ['a missing id', good.replace('\nf7,', '\n,'), undefined, 'row 8 (line 9): flight_id is missing'],
  ])('is refused with %s', async (_name, data, change, message) => {
    const changed = readModelDefinition(definitionText(change));
    await expect(surveyDataset(trainOf(data, 4096), changed)).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      details: { problems: expect.arrayContaining([expect.stringContaining(message)]) },
    });
  });

  it('begins with the columns where several things are wrong, and with no cell', async () => {
    const error = await refused(good.replace(',919,', ',far,').replace('f7,', 'f6,'));
    expect(error.message.split('\n')).toEqual([
      '2 problems, in distance, flight_id',
      expect.stringContaining('"far"'),
      expect.stringContaining('"f6" again'),
    ]);
  });

  it('is accepted with findings about what may be wrong', async () => {
    const survey = await surveyDataset(
      trainOf(
        rows(300, (i) => `5,JFK${i},${(i * 31) % 7 > 3 ? 1 : 0}`),
        4096,
      ),
      definition,
    );
    expect(survey.findings).toEqual([
      'distance has the same value in every row: it can tell nothing.',
      'origin has 300 values in 300 rows: it looks like an id, and will be new in every request.',
    ]);
    expect(survey.columns[0]).toEqual({
      name: 'distance',
      type: 'numeric',
      missing: 0,
      distinct: 1,
      min: 5,
      max: 5,
      leakage: 0.5,
    });
  });

  it('is accepted with questions about cells that are read, and may not be meant', async () => {
    const odd = flights(200)
      .replace(/^f1,/m, `${'f'.repeat(65)},`)
      .replace(/^f2,2001-01-01T/m, 'f2,9999-12-31T')
      .replace(',JFK,', ',Z\ufffdrich,')
      .replace(',SFO,', ", 'sfo',");
    const { findings } = await surveyDataset(trainOf(odd, 4096), definition);
    expect(findings).toEqual([
      'origin holds "Z\ufffdrich": characters that nobody sees, or that were lost in another encoding.',
      `origin holds " 'sfo'" and "SFO": are they one category, written in two ways?`,
      'flight_id is longer than 64 characters, or not plain ASCII, in 1 of 200 rows: no request can carry it as its InferenceId, so outcomes would be joined on eventId.',
      'scheduled_at holds 9999-12-31: is it a placeholder for a time that nobody knows?',
    ]);
  });

  it('says what is wrong in many rows once, names the first, and counts them', async () => {
    const error = await refused(flights(200).replace(/,\d+,(JFK|SFO|ORD),/g, ',far,$1,'));
    expect(error.message).toBe(
      'expected distance to be a number; 200 rows are otherwise: "far" in row 1 (line 2), "far" in row 2 (line 3), "far" in row 3 (line 4), …',
    );
    expect(error.details).toMatchObject({ rows: 200, columns: 6, problemCount: 1 });
    const [problem] = error.details.problemDetails;
    expect(problem).toMatchObject({ column: 'distance', what: 'expected distance to be a number', rows: 200 });
    expect(problem.examples).toHaveLength(5);
    expect(problem.examples[4]).toEqual({ row: 5, line: 6, value: '"far"' });
  });

  it('lists a hundred different problems, tells ten, and counts the rest', async () => {
    const error = await refused(`${Array.from({ length: 120 }, (_, i) => `c${i}`).join(',')},${good}`);
    expect(error.details.problems).toHaveLength(100);
    expect(error.details.problemCount).toBe(120);
    expect(error.message.split('\n')).toHaveLength(12);
    expect(error.message).toMatch(/^120 problems\n/);
    expect(error.message).toMatch(/… and 110 more$/);
  });
});

describe('the split', () => {
  async function split(text: string, of = definition) {
    const survey = await surveyDataset(trainOf(text, 4096), of);
    const out = { train: '', holdoutFeatures: '', holdoutLabels: '' };
    const sink = (name: keyof typeof out) => async (part: string) => {
      out[name] += part;
    };
    const counts = await writeChannels(trainOf(text, 4096), of, survey, holdOutRule(of, survey, sha256Fraction), {
      train: sink('train'),
      holdoutFeatures: sink('holdoutFeatures'),
      holdoutLabels: sink('holdoutLabels'),
    });
    return { ...out, counts };
  }
  const ids = (labels: string) =>
    labels
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]!);
  const byId = readModelDefinition(definitionText((t) => t.replace('data: {', 'data: { test: { split: id-hash },')));

  it('by time holds out the last rows, and every row is on one side', async () => {
    const { counts, holdoutLabels, train } = await split(flights(500));
    expect(counts).toMatchObject({ trainRows: 400, holdoutRows: 100 });
    expect(ids(holdoutLabels)[0]).toBe('f400');
    expect(train.trimEnd().split('\n')).toHaveLength(401);
  });

  it('by time keeps rows of one instant together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2 }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (times, fraction) => {
          const cut = timeCut(times, fraction);
          const held = times.filter((time) => time >= cut).length;
          expect(held).toBeGreaterThanOrEqual(Math.max(1, Math.round(times.length * fraction)));
        },
      ),
    );
  });

  it('by id keeps a row on its side in every version of the dataset', async () => {
    const first = new Set(ids((await split(flights(400), byId)).holdoutLabels));
    const second = ids((await split(flights(400, 200), byId)).holdoutLabels);
    const shared = second.filter((id) => Number(id.slice(1)) < 400);
    expect(shared.length).toBeGreaterThan(20);
    expect(shared.every((id) => first.has(id))).toBe(true);
    expect(first.size / 400).toBeCloseTo(0.2, 1);
  });

  it('is refused where a side is empty or holds one class', async () => {
    const oneTime = flights(200).replace(/2001-[^,]+/g, '2001-01-01');
    await expect(split(oneTime)).rejects.toThrow('both sides need rows');
    const lines = flights(200).split('\n');
    const late = lines.map((line, i) => (i > 150 ? line.replace(/,[01]$/, ',0') : line)).join('\n');
    await expect(split(late)).rejects.toThrow('both sides need two classes');
  });
});

describe('a timestamp', () => {
  it.each([
    ['2001-01-31', Date.UTC(2001, 0, 31)],
    ['2001-01-31 05:06', Date.UTC(2001, 0, 31, 5, 6)],
    ['2001-01-31T05:06:07.5Z', Date.UTC(2001, 0, 31, 5, 6, 7, 500)],
    ['2001-01-31T05:06:07+02:00', Date.UTC(2001, 0, 31, 3, 6, 7)],
    ['1000000000', 1e12],
    ['2001-02-30', undefined],
    ['31/01/2001', undefined],
    ['', undefined],
  ])('%j is %p', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });
});
