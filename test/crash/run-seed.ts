import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Death, MortalCloud } from './mortal-cloud.ts';
import { orphansOf } from './orphans.ts';
import { randomOf } from './random.ts';
import { tellStory } from './story.ts';
import { type Found, findViolations } from './violations.ts';

/** Writes of a story that nobody interrupts, about. */
const WRITES = 7_000;
/** Longest life that ends by time, in milliseconds. */
const LONGEST_MS = 6_000;

export interface SeedOptions {
  readonly seed: number;
  /** State of a cloud that is deployed and knows no model; copied. */
  readonly deployed: string;
  readonly assembly: string;
  /** Leaves the state folder where something was wrong. */
  readonly keep?: boolean;
}

export interface SeedResult extends Found {
  readonly seed: number;
  /** What the client was doing, and how the cloud's life ended: `Training@w312`, `predict@1204ms`. */
  readonly kills: readonly string[];
  readonly seconds: number;
  /** Where to look, if kept. */
  readonly stateDir?: string;
  readonly said: readonly string[];
}

/** Three to five kills: six in ten after a number of writes, which is where state is made, the others by the clock on the wall. */
export function deathsOf(seed: number): Death[] {
  const random = randomOf(seed);
  const count = 3 + Math.floor(random() * 3);
  return Array.from({ length: count }, () =>
    random() < 0.6
      ? { afterWrites: 1 + Math.floor(random() * ((2 * WRITES) / (count + 1))) }
      : { afterMs: 50 + Math.floor(random() * LONGEST_MS) },
  );
}

/** One story on a cloud that dies as the seed says, and what is wrong afterwards. */
export async function runSeed({ seed, deployed, assembly, keep }: SeedOptions): Promise<SeedResult> {
  const began = Date.now();
  const stateDir = mkdtempSync(join(tmpdir(), `launchway-crash-${seed}-`));
  cpSync(deployed, stateDir, { recursive: true });
  const cloud = await MortalCloud.start(stateDir, assembly, deathsOf(seed));
  let found: Found;
  try {
    const told = await tellStory(cloud);
    cloud.doing = 'check';
    found = await cloud.patiently(() => findViolations(told, stateDir));
  } catch (error) {
    found = { releases: 0, audits: 0, captured: 0, violations: [`while ${cloud.doing}: ${(error as Error).stack}`] };
  } finally {
    await cloud.end();
  }
  const orphans = await orphansOf([stateDir, `${cloud.url}/`, `${cloud.url}\0`]);
  const violations = [...found.violations, ...orphans.map((pid) => `process ${pid} outlives its cloud`)];
  const kept = keep === true && violations.length > 0;
  if (!kept) rmSync(stateDir, { recursive: true, force: true });
  return {
    ...found,
    violations,
    seed,
    kills: cloud.kills,
    seconds: (Date.now() - began) / 1000,
    said: cloud.said,
    ...(kept && { stateDir }),
  };
}
