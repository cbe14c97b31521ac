import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drift-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const compare = (...args: string[]): any =>
  JSON.parse(
    execFileSync(process.execPath, ['bin/launchway.js', 'drift', 'compare', ...args, '--json'], { encoding: 'utf8' }),
  );

it('compares two CSV files, infers the types, and says what was left out', () => {
  const rows = (shift: number) => Array.from({ length: 400 }, (_, i) => `${(i % 97) + shift},${i % 3 ? 'a' : 'b'}`);
  const baseline = file('b.csv', `amount,city\n${rows(0).join('\n')}\n`);
  const current = file(
    'c.csv',
    `amount,city,extra\n${rows(60)
      .map((row) => `${row},1`)
      .join('\n')}\ntorn\n`,
  );
  const page = join(folder, 'page.html');

  const { model, features, columns, unread } = compare(baseline, current, '--exact', '--html', page);
  expect(model.verdict).toBe('Drifted');
  expect(features).toMatchObject([
    { name: 'amount', type: 'numeric', verdict: 'Drifted', baselineRows: 400, currentRows: 400 },
    { name: 'city', type: 'categorical', verdict: 'Stable' },
  ]);
  const { ks, wasserstein } = features[0].measures;
  expect(ks.lower).toBeLessThanOrEqual(ks.exact);
  expect(ks.exact).toBeLessThanOrEqual(ks.upper);
  expect(wasserstein.exact).toBeCloseTo(60, 10);
  expect(columns.onlyInCurrent).toEqual(['extra']);
  expect(unread).toEqual({ baseline: 0, current: 1 });
  expect(readFileSync(page, 'utf8')).toContain('<h1 class="Drifted">');
});

it('keeps a forced numeric column numeric, reads bare NaN and Infinity, and a blank line as missing', () => {
  const baseline = file('b.jsonl', '{"x":1}\n{"x":2}\n{"x":NaN}\n{"x":-Infinity}\n{"x":null}\n');
  const current = file('c.csv', 'x\n1\n\n2\n');
  const [x] = compare(baseline, current, '--features', 'x:numeric').features;
  expect(x).toMatchObject({ baselineRows: 5, currentRows: 3, verdict: 'InsufficientData' });
  expect(x.measures.missing).toMatchObject({ baseline: 2 / 5, current: 1 / 3 });
  expect(x.measures.ks).toMatchObject({ lower: 0, upper: 0 });
});

it('reads a text of megabytes beside a bare NaN, and counts a torn line of many quotes', () => {
  const quotes = '\\"'.repeat(500_000);
  const long = file(
    'b.jsonl',
    `{"x":1}\n{"x":NaN,"t":"${'a'.repeat(20_000_000)}"}\n{"x":2,"t":"NaN ${quotes}"}\n{"t":"${quotes}`,
  );
  const { features, unread } = compare(long, file('c.csv', 'x\n1\n'), '--features', 'x:numeric');
  expect(unread).toEqual({ baseline: 1, current: 0 });
  expect(features).toMatchObject([{ baselineRows: 3, measures: { missing: { baseline: 1 / 3 } } }]);
});

it('reads parquet as it reads the same rows as text, and says where a file is none', () => {
  const rows = Array.from(
    { length: 300 },
    (_, i) => [i % 7 === 0 ? null : i / 8, `zone ${i % 5}`, i % 2 === 0] as const,
  );
  const parquet = join(folder, 'c.parquet');
  const columnData = [
    { name: 'x', data: rows.map(([x]) => x), type: 'DOUBLE' as const, nullable: true },
    { name: 'zone', data: rows.map(([, zone]) => zone), type: 'STRING' as const },
    { name: 'flag', data: rows.map(([, , flag]) => flag), type: 'BOOLEAN' as const },
  ];
  writeFileSync(parquet, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 120 })));
  const text = file(
    'c.csv',
    `x,zone,flag\n${rows.map((row) => row.map((value) => value ?? '').join(',')).join('\n')}\n`,
  );

  expect(compare(text, parquet).features).toEqual(compare(text, text).features);
  const none = file('none.parquet', 'PAR1');
  expect(() => compare(text, none)).toThrow('expected a whole Parquet file, got');
});

it('reads gzip as it reads the same rows unpacked, in every format of text', () => {
  const rows = Array.from({ length: 6_000 }, (_, i) => [((i * 7_919) % 6_007) / 8, `c${(i * 31) % 7}`] as const);
  const texts = {
    csv: `x,c\n${rows.map((row) => row.join(',')).join('\n')}\n`,
    jsonl: rows.map(([x, c]) => `${JSON.stringify({ x, c })}\n`).join(''),
    capture: rows
      .map((row) => {
        const endpointInput = { mode: 'INPUT', data: btoa(row.join(',')), encoding: 'BASE64' };
        return `${JSON.stringify({ captureData: { endpointInput }, eventVersion: '0' })}\n`;
      })
      .join(''),
  };
  const spec = ['--features', 'x:numeric,c:categorical'];
  const path = file('b.csv', texts.csv);
  const plain = compare(path, path, ...spec);
  expect(plain.features).toMatchObject([{ currentRows: 6_000 }, { currentRows: 6_000 }]);
  for (const [format, text] of Object.entries(texts)) {
    const packed = join(folder, `b.${format === 'csv' ? 'csv' : 'jsonl'}.gz`);
    writeFileSync(packed, gzipSync(text));
    const named = format === 'capture' ? ['--format', format] : [];
    const read = compare(packed, packed, ...spec, ...named);
    expect({ ...read, columns: null }).toEqual({ ...plain, columns: null });
  }
  const inTwo = join(folder, 'two.csv.gz');
  writeFileSync(
    inTwo,
    Buffer.concat([texts.csv.slice(0, 5_000), texts.csv.slice(5_000)].map((part) => gzipSync(part))),
  );
  expect(compare(inTwo, inTwo, ...spec)).toEqual(plain);
  const torn = join(folder, 'torn.jsonl.gz');
  writeFileSync(torn, gzipSync(texts.capture).subarray(0, 9_000));
  expect(() => compare(torn, torn, ...spec, '--format', 'capture')).toThrow('breaks off or is damaged');
});

it('takes categories as they are written: commas, quotes, line breaks, blanks, names of members', () => {
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const values = ['a,b', 'a"b', 'a\nb', ' a', 'A', '__proto__', 'constructor', '01', '1'];
  const baseline = file('b.csv', `x\n${values.map(quoted).join('\n')}\n`);
  const current = file('c.jsonl', values.map((x) => `${JSON.stringify({ x })}\n`).join(''));
  const [x] = compare(baseline, current, '--features', 'x:categorical').features;
  expect(x.measures).toMatchObject({ psi: 0, tvd: 0, newCategoryMass: 0, chiSquare: { df: 8 } });
});

it('gives bounds that hold what is exact to the last bit', () => {
  // D is ⅔ and attained at an edge; 1 − ⅓ in doubles is more than ⅔. W1 is 2.5 − 1.5.
  const [baseline, current] = [file('b.csv', 'x\n1\n2\n'), file('c.csv', 'x\n1.5\n2.5\n3.5\n')];
  const [{ measures }] = compare(baseline, current, '--features', 'x:numeric', '--exact').features;
  expect(measures.ks).toMatchObject({ lower: 2 / 3, exact: 2 / 3, upper: 2 / 3 });
  expect(measures.wasserstein).toMatchObject({ lower: 1, exact: 1 });
  // W1 is 0.1, and summed another way an ulp more.
  const [low, high] = [file('b.csv', 'x\n0.2\n0.6\n0.8\n'), file('c.csv', 'x\n0.2\n0.4\n0.7\n')];
  const { lower, exact, upper } = compare(low, high, '--features', 'x:numeric', '--exact').features[0].measures
    .wasserstein;
  expect(exact).toBeCloseTo(0.1, 15);
  expect(lower).toBeLessThanOrEqual(exact);
  expect(upper).toBeGreaterThanOrEqual(exact);
});

it('writes the edge after the greatest double, and distances beyond it, as text', () => {
  const baseline = file('b.csv', 'x\n-1.7976931348623157e308\n');
  const current = file('c.csv', 'x\n1.7976931348623157e308\n');
  const [x] = compare(current, baseline, '--features', 'x:numeric', '--exact').features;
  expect(x.edges).toEqual([Number.MAX_VALUE, 'Infinity']);
  expect(x.measures.wasserstein).toEqual({ lower: 'Infinity', upper: 'Infinity', exact: 'Infinity' });
});

it('says which file cannot be read or written, and why', () => {
  const good = file('good.csv', 'x\n1\n');
  const latin = join(folder, 'latin.csv');
  writeFileSync(latin, Buffer.from('x\né\n', 'latin1'));
  expect(() => compare(good, latin)).toThrow(`${latin}: expected UTF-8, got another encoding after line 1`);
  const open = file('open.csv', 'x\n"a\n');
  expect(() => compare(open, good)).toThrow(`${open}: line 2: expected a closing quote`);
  expect(() => compare(good, folder, '--format', 'csv')).toThrow(`expected a file, got a folder: ${folder}`);
  const nowhere = join(folder, 'none', 'page.html');
  expect(() => compare(good, good, '--html', nowhere)).toThrow(
    `expected --html to be a file that can be written, got ENOENT: ${nowhere}`,
  );
});

it('tells what it counted apart, and which column is gone', () => {
  const baseline = file('b.csv', 'x,y\n1,1\n2,2\n');
  const current = file('c.jsonl', '{"x":1e400}\n{"x":"-inf"}\n{"x":"many"}\n{"x":null}\n{"x":3}\n');
  const spec = ['--features', 'x:numeric,y:numeric'];
  const [x] = compare(baseline, current, ...spec).features;
  expect(x).toMatchObject({
    currentRows: 5,
    nonFinite: { baseline: 0, current: 2 },
    unreadable: { baseline: 0, current: 1 },
    measures: { missing: { current: 2 / 5 } },
  });
  const told = execFileSync(process.execPath, ['bin/launchway.js', 'drift', 'compare', baseline, current, ...spec], {
    encoding: 'utf8',
  });
  expect(told).toContain('not in the current file, so missing in each of its rows: y');
  expect(told).toContain('x: 0 baseline and 2 current values are infinite, and counted apart');
  expect(told).toContain('x: 0 baseline and 1 current values are no numbers, and counted as missing');
});

it('gives the first Wasserstein distance in deviations of the baseline too, near 1e15 as near 0', () => {
  // numpy: std([3, 500, 900, 77] / 8) = 44.997308947313726
  const numbers = [3, 500, 900, 77].map((i) => 1e15 + i / 8);
  const baseline = file('b.csv', `x\n${numbers.join('\n')}\n`);
  const current = file('c.csv', `x\n${numbers.map((number) => number + 9).join('\n')}\n`);
  const [x] = compare(baseline, current, '--features', 'x:numeric', '--exact').features;
  expect(x.measures.wasserstein.exact).toBe(9);
  const { lower, exact } = x.measures.wassersteinNormalised;
  expect(exact).toBeCloseTo(9 / 44.997308947313726, 12);
  expect(lower).toBeCloseTo(exact, 12);
  const constant = file('c.csv', 'x\n1\n1\n');
  expect(compare(constant, constant, '--features', 'x:numeric').features[0].measures.wassersteinNormalised).toBeNull();
});

it('writes a page below 300 kB of hundreds of features and texts of any length, what moved first', () => {
  const names = Array.from({ length: 300 }, (_, i) => `feature ${i} ${'n'.repeat(60)}`);
  const rows = (moved: boolean) =>
    Array.from({ length: 200 }, (_, row) =>
      names.map((_name, i) => `${(row * 7 + i) % 5}${'"'.repeat(90)}${moved && i >= 290 ? row % 2 : ''}`),
    );
  const text = (moved: boolean) =>
    [names, ...rows(moved)].map((row) => row.map((v) => `"${v.replaceAll('"', '""')}"`).join(',')).join('\n');
  const page = join(folder, 'wide.html');
  compare(file('b.csv', text(false)), file('c.csv', text(true)), '--html', page);
  const html = readFileSync(page, 'utf8');
  expect(Buffer.byteLength(html)).toBeLessThan(300_000);
  expect(html).toContain('feature 299');
  expect(html).toMatch(/<p>\d+ more features are in what --json prints/);
  expect(html).not.toMatch(/<script|https?:/);
});

it('holds captures against the table that the model was trained on, and knows them by their first record', () => {
  const rows = Array.from({ length: 300 }, (_, i) => [i % 97, `c${i % 3}`] as const);
  const trained = file('train.csv', `id,x,c,late\n${rows.map(([x, c], i) => `${i},${x},${c},0\n`).join('')}`);
  const record = (data: string) =>
    JSON.stringify({ captureData: { endpointInput: { mode: 'INPUT', data, encoding: 'CSV' } }, eventVersion: '0' });
  const captured = file('captured.jsonl', `\ntorn {\n${rows.map((row) => `${record(row.join(','))}\n`).join('')}`);
  const spec = ['--features', 'x:numeric,c:categorical'];
  const known = compare(trained, captured, ...spec);
  expect(known.features).toMatchObject([
    { currentRows: 300, measures: { psi: 0, ks: { upper: 0 } } },
    { currentRows: 300, measures: { psi: 0, newCategoryMass: 0 } },
  ]);
  expect(known.unread).toEqual({ baseline: 0, current: 1 });
  expect(compare(trained, captured, ...spec, '--format', 'capture')).toEqual(known);
  expect(() => compare(trained, captured)).toThrow('expected --features with the columns of the captured requests');
});
