import { createHash } from 'node:crypto';
import type { ObjectRef } from '../../domain/model.ts';
import type { Monitoring } from '../../domain/model-definition.ts';
import { DRIFT_REPORT_SCHEMA, type DriftReport, reportedFeatures } from '../../domain/monitoring/drift-report.ts';
import { driftReportHtml } from '../../domain/monitoring/drift-report-html.ts';
import { driftReportKey } from '../../domain/monitoring/keys.ts';
import { constraintsOf, statisticsOf, violationsOf } from '../../domain/monitoring/model-monitor-format.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import type { Trend } from '../../domain/monitoring/trend.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { CheckedCounts } from './judge-window.ts';

/**
 * Stores what a check found: the report, a page to look at, and Model Monitor's three files beside them.
 *
 * @returns the report; undefined where there was no row to report on
 */
export async function storeReport(
  objects: ObjectStore,
  bucket: string,
  team: string,
  row: WindowRow,
  policy: Monitoring['drift'],
  counts: CheckedCounts,
  trend: Trend,
): Promise<(ObjectRef & { readonly sha256: string }) | undefined> {
  if (!counts.profiled) return undefined;
  const { baseline, profile } = counts.profiled;
  const report = documentOf(row, policy, counts);
  const key = driftReportKey({ team, model: row.model, version: row.version }, row.start);
  const folder = key.replace(/\.json$/, '');
  const constraints = constraintsOf(baseline, policy.effect);
  const beside: readonly (readonly [name: string, document: unknown])[] = [
    ['statistics.json', statisticsOf(profile)],
    ['constraints.json', constraints],
    ['constraint_violations.json', violationsOf(constraints, profile, report)],
  ];
  await Promise.all([
    objects.put({ bucket, key: `${folder}/report.html` }, driftReportHtml(report, trend), 'text/html; charset=utf-8'),
    ...beside.map(([name, document]) =>
      objects.put({ bucket, key: `${folder}/${name}` }, JSON.stringify(document), 'application/json'),
    ),
  ]);
  const text = JSON.stringify(report);
  const stored = await objects.put({ bucket, key }, text, 'application/json');
  return { ...stored, sha256: createHash('sha256').update(text).digest('hex') };
}

const documentOf = (row: WindowRow, policy: Monitoring['drift'], counts: CheckedCounts): DriftReport => ({
  schema: DRIFT_REPORT_SCHEMA,
  model: row.model,
  version: row.version,
  window: { start: row.start, end: row.end, countsFrom: row.countsFrom },
  policy,
  verdict: row.verdict,
  why: row.why,
  rows: { baseline: counts.baselineRows, current: counts.rows },
  coverage: counts.coverage ?? null,
  calibratedOn: counts.calibratedOn ?? null,
  captures: counts.tally,
  ...(row.cost && { cost: row.cost }),
  ...(row.service && { service: row.service }),
  ...(counts.broken && { broken: counts.broken }),
  ...(counts.estimate && { estimate: counts.estimate }),
  features: reportedFeatures(counts.verdict, counts.measured, counts.pictures),
  persistence: { persistent: row.persistent, skewed: row.skewed ?? [], since: row.since ?? null },
});
