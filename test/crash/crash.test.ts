import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { synthesizeOnce } from '../support/synthesize-once.ts';
import { deployOnce } from './deployed-state.ts';
import { deathsOf, runSeed, type SeedResult } from './run-seed.ts';

const SEEDS = [1, 2, 3, 4, 5];
const results = new Map<number, SeedResult>();
const work = mkdtempSync(join(tmpdir(), 'launchway-crashes-'));

beforeAll(async () => {
  const assembly = await synthesizeOnce();
  const deployed = join(work, 'deployed');
  await deployOnce(deployed, assembly);
  const waiting = [...SEEDS];
  const worker = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift())
      results.set(seed, await runSeed({ seed, deployed, assembly }));
  };
  await Promise.all([worker(), worker()]);
}, 600_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

it.each(SEEDS)(
  'seed %i: a release goes on to Deployed over every kill -9, and nothing is lost or done twice',
  (seed) => {
    const { violations, said } = results.get(seed)!;
    expect(violations.length > 0 ? { violations, said: said.slice(-20) } : violations).toEqual([]);
  },
);

it('a seed fixes when the cloud is killed, three to five times', () => {
  expect(deathsOf(7)).toEqual(deathsOf(7));
  expect(deathsOf(7)).not.toEqual(deathsOf(8));
  for (const seed of SEEDS) expect([3, 4, 5]).toContain(deathsOf(seed).length);
});
