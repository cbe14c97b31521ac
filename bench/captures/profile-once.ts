import { readFileSync } from 'node:fs';
import { baselineFromJson, profileToJson } from '../../domain/drift/profile-json.ts';
import { profileByScanner, profileNaively } from './measure-readers.ts';

/** One run in a process of its own. */
export interface ProfileRun {
  /** Of one core: user and system time. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** The most memory at once, above what the loaded process had. */
  readonly rssAboveMb: number;
  /** The profile, to be compared. */
  readonly profile: string;
}

const [reader, path, baselinePath] = process.argv.slice(2) as ['scanner' | 'naive', string, string];
const baseline = baselineFromJson(readFileSync(baselinePath, 'utf8'));
const loaded = process.memoryUsage.rss();
const cpu = process.cpuUsage();
const start = performance.now();
const profile = await (reader === 'scanner' ? profileByScanner : profileNaively)(path, baseline);
const wallSeconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpu);
const run: ProfileRun = {
  cpuSeconds: (user + system) / 1e6,
  wallSeconds,
  rssAboveMb: (process.resourceUsage().maxRSS * 1_024 - loaded) / 1e6,
  profile: profileToJson(profile),
};
process.stdout.write(JSON.stringify(run));
