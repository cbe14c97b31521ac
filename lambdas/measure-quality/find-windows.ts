import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { Occasion } from './measure-quality.ts';

/** A closed window of a version that served in it. */
export interface ServedWindow {
  readonly version: VersionRow;
  /** ISO 8601 UTC. */
  readonly start: string;
  readonly end: string;
  /** Rows that were profiled; undefined where the window was not checked, as the version served only in a part of it. */
  readonly rows: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Outcomes may come so long after those of a window are taken for complete; captures are kept longer. */
const LATE_DAYS = 30;
const MOST_DAYS = 90;
/** Versions before the one that serves, whose last predictions may still get outcomes. */
const FORMER = 2;

/** Where windows begin that outcomes are still taken for. */
export const horizonOf = ({ definition, at }: Pick<Occasion, 'definition' | 'at'>): string => {
  const days = Math.min(MOST_DAYS, definition.monitoring.labels.completeAfterDays + LATE_DAYS);
  return new Date(at.getTime() - days * DAY_MS).toISOString();
};

/** Closed windows that outcomes are still taken for, of the version that serves and of those before it; newest first. */
export async function findWindows(
  { lineage, monitoring }: { readonly lineage: LineageStore; readonly monitoring: MonitoringStore },
  occasion: Occasion,
): Promise<ServedWindow[]> {
  const { model, champion, definition } = occasion;
  const served = (await lineage.listVersions(model.model)).filter(
    ({ version, status }) => version < champion.version && (status === 'Retired' || status === 'Deployed'),
  );
  const versions = [...served.slice(-FORMER), champion];
  const horizon = horizonOf(occasion);
  const { windowHours } = definition.monitoring;
  const most = Math.ceil((MOST_DAYS * 24) / windowHours) + 1;
  const windows: ServedWindow[] = [];
  for (const [i, version] of versions.entries()) {
    const checked = await monitoring.lastWindows(model.model, version.version, most);
    windows.push(...checked.map(({ start, end, rows }) => ({ version, start, end, rows })));
    const last = checked.at(-1)?.end;
    const until = i === versions.length - 2 ? model.champion!.since : undefined;
    if (last !== undefined && until !== undefined && last < until) windows.push(partial(version, last, windowHours));
  }
  return windows.filter(({ start }) => start >= horizon).sort((a, b) => (a.start < b.start ? 1 : -1));
}

/** The window in which the next version took over: nobody checks it for the former one. */
const partial = (version: VersionRow, start: string, windowHours: number): ServedWindow => ({
  version,
  start,
  end: new Date(Date.parse(start) + windowHours * HOUR_MS).toISOString(),
  rows: undefined,
});
