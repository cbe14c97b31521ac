import type { DatasetSurvey } from './survey-dataset.ts';

/** What the checks of a dataset found, in lines for a terminal. */
export function dataReportLines(
  { rows, test, period, classes, duplicates, columns, findings }: DatasetSurvey,
  target: string,
): string[] {
  const total = [...classes.values()].reduce((sum, count) => sum + count, 0);
  const shares = [...classes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, 10)
    .map(([label, count]) => `${label} ${((count / total) * 100).toFixed(1)} %`);
  const told = columns
    .filter(({ leakage = 0 }) => leakage > 0)
    .toSorted((a, b) => b.leakage! - a.leakage!)
    .slice(0, 3)
    .map(({ name, leakage }) => `${name} ${leakage!.toFixed(3)}`);
  return [
    `${rows} rows${test ? ` and ${test.rows} in the test file` : ''}, ${columns.length} features, ${duplicates} equal rows: accepted`,
    ...(period ? [`from ${period.from} to ${period.to}`] : []),
    ...(shares.length > 0 ? [`${target}: ${shares.join(', ')}${classes.size > 10 ? ', …' : ''}`] : []),
    ...(told.length > 0 ? [`tell most of it alone: ${told.join(', ')}`] : []),
    ...findings.map((finding) => `- ${finding}`),
  ];
}
