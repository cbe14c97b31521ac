import type { ModelRow } from '../model.ts';
import type { ReleaseRow, VersionRow } from '../release.ts';

const DAY_MS = 86_400_000;

/** What stands before an incident's own numbers: most of them are answered by it. */
export interface Surroundings {
  readonly servingNow: string;
  /** What happened to this model in the 24 hours before; empty where nothing did. */
  readonly changes: readonly string[];
  readonly rollback: string;
}

/** What serves, what changed lately, and whether going back is safe, each in words. */
export function surroundings(
  model: ModelRow,
  releases: readonly ReleaseRow[],
  versions: readonly VersionRow[],
  at: Date,
): Surroundings {
  const { champion } = model;
  return {
    servingNow: champion
      ? `version ${champion.version} on ${champion.endpointName} since ${minute(champion.since)}`
      : 'nothing',
    changes: changesOf(model, releases, at),
    rollback: rollbackOf(model, releases, versions),
  };
}

function changesOf({ champion }: ModelRow, releases: readonly ReleaseRow[], at: Date): string[] {
  const isRecent = (time: string | undefined): time is string => {
    const age = time === undefined ? Number.NaN : at.getTime() - Date.parse(time);
    return age >= 0 && age <= DAY_MS;
  };
  const events: { readonly at: string; readonly text: string }[] = [];
  if (champion && isRecent(champion.since)) {
    events.push({ at: champion.since, text: `version ${champion.version} began to serve` });
  }
  for (const { release, admittedAt, endedAt, status, reason, submitter } of releases) {
    const who = submitter.person ?? submitter.principal;
    if (isRecent(admittedAt))
      events.push({ at: admittedAt, text: `release ${release} was started by ${who}: ${reason}` });
    if (isRecent(endedAt)) events.push({ at: endedAt, text: `release ${release} ended: ${status}` });
  }
  return events.sort((a, b) => (a.at < b.at ? -1 : 1)).map((event) => `${minute(event.at)}: ${event.text}`);
}

/** Safe means: a version that served before, that callers can go on calling, and nothing else is changing the endpoint now. */
function rollbackOf(
  { champion, activeRelease }: ModelRow,
  releases: readonly ReleaseRow[],
  versions: readonly VersionRow[],
): string {
  if (!champion) return 'nothing serves, so there is nothing to roll back';
  const active = releases.find(({ release }) => release === activeRelease);
  if (active?.status === 'Deploying') return `not now: release ${active.release} is being deployed`;
  const former = versions.filter(({ version, status }) => status === 'Retired' && version < champion.version).at(-1);
  if (!former) return 'not possible: no version served before this one';
  const serving = versions.find(({ version }) => version === champion.version);
  if (serving && serving.prepared.recipe !== former.prepared.recipe) {
    return `not safe: version ${former.version} was prepared otherwise and may read other columns; callers would have to change`;
  }
  return `safe for callers: version ${former.version} served before and reads the same columns. It learnt from older data, so it mends a bad release, not a world that moved`;
}

/** `2026-02-15 10:15 UTC` */
export const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
