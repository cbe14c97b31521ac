import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

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

it('refuses parquet loudly', () => {
  const some = file('b.parquet', 'PAR1');
  expect(() => compare(some, some)).toThrow('parquet is not implemented');
});
